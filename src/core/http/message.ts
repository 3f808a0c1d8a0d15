/**
 * A request and its response as the registry sees them: the parts of HTTP that it needs, in a form that every
 * doorway can make and send without loss of speed. `fetch.ts` translates to the web's own classes.
 */
import type { Bytes, Content } from '../blobs/ports.ts'
import type { ByteRange } from '../oci/range.ts'

export interface RegistryRequest {
  readonly method: string
  /** Path and query, as sent: RFC 9112's request target. */
  readonly target: string
  /** Scheme and host that the client used, such as `http://localhost:5000`. */
  readonly origin: string
  /** Whether pages of another origin are this registry's own, too. The doorway knows: `Host` is what clients say. */
  isOwn(origin: string): boolean
  /** The value of a header by its lower-case name; several lines are joined by commas. */
  header(name: string): string | undefined
  readonly body: Bytes | undefined
  /** Aborts when the client has gone. */
  readonly signal?: AbortSignal
}

/** A part of a body: bytes at hand, or a range of stored content that the doorway reads its own best way. */
export type BodyPart = Uint8Array | { readonly content: Content; readonly range: ByteRange | undefined }

export interface RegistryResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Absent: empty. A doorway leaves it out when it answers HEAD; `Content-Length` is among the headers. */
  readonly body?: readonly BodyPart[]
}

/** Answers every request; it never throws, as what goes wrong is in the response. */
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
