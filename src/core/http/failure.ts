/** The one place where errors become responses, in the specification's envelope. */
import type { Log } from '../log.ts'
import { RegistryError, RegistryErrors } from '../oci/error.ts'
import { jsonResponse, type RegistryRequest, type RegistryResponse } from './message.ts'

/** nginx's status for a client that closed its connection; nobody receives it, but logs tell it. */
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

/** What GET would have said, such as why, may take more questions than HEAD asks (RFC 9110, section 8.6). */
function withoutLength({ headers, ...response }: RegistryResponse): RegistryResponse {
  const { 'Content-Length': _, ...others } = headers
  return { ...response, headers: others }
}

/** Whatever is not a {@link RegistryError} is our bug: its text may hold inner state, so it stays in the log. */
function errorsIn(error: unknown): readonly [RegistryError, ...RegistryError[]] {
  if (error instanceof RegistryErrors) return error.errors
  return [error instanceof RegistryError ? error : new RegistryError('UNKNOWN', undefined, { cause: error })]
}
