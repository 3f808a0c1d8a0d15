/** Why an image did not get from here to there, in one sentence. */
import { RegistryError } from '../../core/oci/error.ts'
import type { Explain } from './attempt.ts'
import { fileReasonOf, reasonOf, reasonOfSilence } from './reason.ts'

export interface Transfer {
  /** Such as `push app.tar`. */
  readonly what: string
  /** Of the registry at the other end. */
  readonly url: string
  /** The option that names the registry. */
  readonly option: '--to' | '--from'
}

export const explainTransfer =
  ({ what, url, option }: Transfer): Explain =>
  (error) =>
    // What cannot be read on its way to a registry fails the request too, and is told of as what it is.
    fileReasonOf(error) ??
    (isAway(error)
      ? `no registry answers on ${url}: ${reasonOfSilence(error.cause)}; ${option} names another one`
      : `cannot ${what}: ${reasonOf(error)}`)

const isAway = (error: unknown): error is RegistryError =>
  error instanceof RegistryError && error.code === 'UNAVAILABLE' && error.cause !== undefined
