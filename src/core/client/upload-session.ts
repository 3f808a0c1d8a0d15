/** An upload session and its requests: a chunk, the last chunk, the offset, cancellation. */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { OCTET_STREAM } from '../oci/media-type.ts'
import type { StartOptions } from './start-upload.ts'
import type { RequestOptions, Transport } from './transport.ts'

export interface PushOptions extends StartOptions {
  /**
   * Bytes per request, sent from memory, for connections that can't carry streams, such as a browser's over HTTP/1.1.
   * Default: streams of up to 1 GiB.
   */
  readonly chunk?: number | undefined
  /**
   * Unfinished uploads, by the digests of their blobs: an upload in it is resumed, and one that `signal` or a broken
   * connection ends is added to it and not cancelled. Not for streams, which can't be read again.
   */
  readonly unfinished?: Map<string, string> | undefined
  /** Called with the bytes sent so far, which can decrease if some were lost with a connection. */
  readonly onProgress?: ((sent: number) => void) | undefined
}

/** The location of an upload may change with every response. */
export interface Session {
  readonly transport: Transport
  readonly digest: Digest
  readonly options: PushOptions
  /** The minimum bytes per request that the registry demands, except for the last. */
  readonly minChunk: number
  location: string
}

export async function sendChunk(session: Session, chunk: RequestOptions): Promise<void> {
  follow(session, await session.transport.request(session.location, requestOf(session, 'PATCH', chunk)))
}

export async function finish(session: Session, chunk: RequestOptions = {}): Promise<void> {
  const { transport, digest, location } = session
  const query = `${location.includes('?') ? '&' : '?'}digest=${digest}`
  await transport.request(location + query, requestOf(session, 'PUT', chunk))
}

const requestOf = ({ options }: Session, method: 'PATCH' | 'PUT', chunk: RequestOptions): RequestOptions => ({
  ...chunk,
  method,
  headers: { 'Content-Type': OCTET_STREAM, ...chunk.headers },
  signal: options.signal,
})

/** Bytes that the registry has received. `complete` if the upload was finished and only the response was lost. */
export async function fetchOffset(
  session: Session,
  path: string,
  size: number,
): Promise<number | 'complete'> {
  const { transport, options } = session
  const response = await transport.find(session.location, { signal: options.signal })
  if (response) {
    follow(session, response)
    const last = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.get('range') ?? '')?.[1] ?? 0)
    return last === 0 ? 0 : Math.min(last + 1, size)
  }
  if (await transport.find(path, { method: 'HEAD', signal: options.signal })) return 'complete'
  throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'the registry has forgotten the upload; push again')
}

function follow(session: Session, response: Response): void {
  session.location = response.headers.get('location') ?? session.location
}

/** Adds the upload to `unfinished`, if it can be resumed. */
export function keepForLater(
  { digest, location, options }: Session,
  content: unknown,
  error: unknown,
): boolean {
  const { unfinished, signal } = options
  if (!unfinished || content instanceof ReadableStream) return false
  if (!signal?.aborted && !isInterruption(error)) return false
  unfinished.set(digest, location)
  return true
}

/** Ignores failures: the upload may no longer exist. */
export const drop = (transport: Transport, location: string): Promise<unknown> =>
  transport.request(location, { method: 'DELETE' }).catch(() => {})

/** Failures after which the same upload may be resumed. */
export function isInterruption(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false
  return [409, 416, 500, 502, 503, 504].includes(error.status)
}
