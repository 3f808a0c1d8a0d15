/** Error messages on the page, and a boundary that contains the errors of components. */

import { Component, type ComponentChildren } from 'preact'
import { type FailureText, failureText } from './failure-text.ts'
import { Icon } from './icons.tsx'

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

interface BoundaryProps {
  /** Names the content at the start of a sentence: `The layers`. */
  readonly what: string
  /** The location of the error: it is forgotten when this changes. */
  readonly at?: string | undefined
  readonly children: ComponentChildren
}

interface BoundaryState {
  readonly caught?: { readonly failure: unknown; readonly at: string | undefined } | undefined
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override componentDidCatch(failure: unknown): void {
    console.error(failure)
    this.setState({ caught: { failure, at: this.props.at } })
  }

  override render({ what, at, children }: BoundaryProps, { caught }: BoundaryState) {
    if (!caught || caught.at !== at) return children
    return <Problem title={`${what} could not be shown.`} failure={caught.failure} />
  }
}
