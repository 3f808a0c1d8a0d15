/** What another peer did wrong, or what could not be had from it: never this registry's own failure. */
import { RegistryError } from '../oci/error.ts'

export const peerFailed = (message: string, cause?: unknown): RegistryError =>
  new RegistryError('UNAVAILABLE', message, { cause })
