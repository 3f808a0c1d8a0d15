/** A failure in words: the registry's own, what to do, and the code that one can search for. */
import { failureText } from './failure-text.ts'
import { Icon } from './icon.tsx'

export function Problem({ title, failure }: { title: string; failure: unknown }) {
  const { message, hint, code } = failureText(failure)
  return (
    <div class="note problem" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{title}</strong> {capitalized(message)}.{hint && ` ${hint}`}
        {code && <code class="code">{code}</code>}
      </p>
    </div>
  )
}

export const capitalized = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '')
