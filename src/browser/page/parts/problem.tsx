/** A failure in the registry's words, with the code that one can search for. */
import { RegistryError } from '../../../core/oci/error.ts'
import { Icon } from './icon.tsx'

export function Problem({ title, failure }: { title: string; failure: unknown }) {
  const code = failure instanceof RegistryError ? failure.code : undefined
  const message = failure instanceof Error ? failure.message : String(failure)
  return (
    <div class="note problem" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{title}</strong> {capitalized(message)}.{code && <code class="code">{code}</code>}
      </p>
    </div>
  )
}

export const capitalized = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '')
