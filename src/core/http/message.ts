/**
 * Requests and responses as the registry sees them: the parts of HTTP that it needs, in a form that each platform can
 * make and send without losing speed. `fetch.ts` translates from and to the web's own classes.
 */
import type { Bytes, Content } from '../blobs/ports.ts'
import type { ByteRange } from '../oci/range.ts'

export interface RegistryRequest {
  readonly method: string
  /** Path and query, as sent: RFC 9112's request target. */
  readonly target: string
  /** Scheme and host that the client used, such as `http://localhost:5000`. */
  readonly origin: string
  /** Whether pages of this origin are the registry's own. The platform knows; `Host` is only what clients say. */
  isOwn(origin: string): boolean
  /** The value of a header by its lower-case name; several lines are joined by commas. */
  header(name: string): string | undefined
  readonly body: Bytes | undefined
  /** Aborts when the client disconnects. */
  readonly signal?: AbortSignal
}

/** A part of a body: bytes, or a range of stored content, which the platform reads in its fastest way. */
export type BodyPart = Uint8Array | { readonly content: Content; readonly range: ByteRange | undefined }

export interface RegistryResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Absent: empty. The platform does not send it for HEAD. `Content-Length` is among the headers. */
  readonly body?: readonly BodyPart[]
}

/** Answers every request. It never rejects: errors are in the response. */
export type Handler = (request: RegistryRequest) => Promise<RegistryResponse>

const encoder = new TextEncoder()

export const jsonResponse = (
  status: number,
  value: unknown,
  headers?: RegistryResponse['headers'],
): RegistryResponse => jsonTextResponse(status, JSON.stringify(value), headers)

export function jsonTextResponse(
  status: number,
  text: string,
  headers: RegistryResponse['headers'] = {},
): RegistryResponse {
  const body = encoder.encode(text)
  const length = String(body.byteLength)
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Content-Length': length, ...headers },
    body: [body],
  }
}

export const emptyResponse = (
  status: number,
  headers: RegistryResponse['headers'] = {},
): RegistryResponse => ({
  status,
  headers: status === 204 || status === 304 ? headers : { 'Content-Length': '0', ...headers },
})
