/** Keeps an error of the page to the part that it happened in: in its place stands what failed, the rest goes on. */
import { Component, type ComponentChildren } from 'preact'
import { Problem } from '../parts/problem.tsx'

interface BoundaryProps {
  /** Names the part, as the beginning of a sentence: `The layers`. */
  readonly what: string
  /** Where the user is: elsewhere, the error is forgotten. */
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
