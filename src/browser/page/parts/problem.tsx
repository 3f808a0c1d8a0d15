/** A failure in words: the registry's own, what to do, and the code that one can search for. */
import { type FailureText, failureText } from './failure-text.ts'
import { Icon } from './icon.tsx'

export const Problem = ({ title, failure }: { title: string; failure: unknown }) => (
  <ProblemText title={title} text={failureText(failure)} />
)

export const ProblemText = ({
  title,
  text: { message, hint, code },
}: {
  title: string
  text: FailureText
}) => (
  <div class="note problem" role="alert">
    <Icon name="warning" />
    <p>
      <strong>{title}</strong> {capitalized(message)}.{hint && ` ${hint}`}
      {code && <code class="code">{code}</code>}
    </p>
  </div>
)

export const capitalized = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '')
