/** The only place where errors become responses, in the specification's envelope. */
import type { Log } from '../log.ts'
import { RegistryError, RegistryErrors } from '../oci/error.ts'
import { jsonResponse, type RegistryRequest, type RegistryResponse } from './message.ts'

/** nginx's status for a client that closed its connection. Only the logs see it. */
const CLIENT_CLOSED_REQUEST = 499

export function failureResponse(error: unknown, request: RegistryRequest, log: Log): RegistryResponse {
  const errors = errorsIn(error)
  const [first] = errors
  const status = request.signal?.aborted ? CLIENT_CLOSED_REQUEST : first.status
  if (status >= 500)
    log.error('request failed', { method: request.method, target: request.target, err: error })
  const response = jsonResponse(status, { errors }, first.headers)
  return request.method === 'HEAD' ? withoutLength(response) : response
}

/** GET may give a longer reason, which HEAD does not look up, so its length is unknown (RFC 9110, section 8.6). */
function withoutLength({ headers, ...response }: RegistryResponse): RegistryResponse {
  const { 'Content-Length': _, ...others } = headers
  return { ...response, headers: others }
}

/** Anything but a {@link RegistryError} is our bug. Its message may contain internal state, so only the log gets it. */
function errorsIn(error: unknown): readonly [RegistryError, ...RegistryError[]] {
  if (error instanceof RegistryErrors) return error.errors
  return [error instanceof RegistryError ? error : new RegistryError('UNKNOWN', undefined, { cause: error })]
}
