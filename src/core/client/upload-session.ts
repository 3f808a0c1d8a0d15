/** An upload that was started, and the questions about it: a chunk, the last chunk, how much has arrived, the end. */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { OCTET_STREAM } from '../oci/media-type.ts'
import type { StartOptions } from './start-upload.ts'
import type { Question, Transport } from './transport.ts'

export interface PushOptions extends StartOptions {
  /**
   * Bytes of one request, each sent from memory: where a stream cannot be sent, as by browsers over HTTP/1.1. Default: streams
   * of up to 1 GiB.
   */
  readonly chunk?: number | undefined
  /**
   * Uploads that ended early, by the digests of their blobs: one that is in it goes on where it was, and one that `signal`
   * or the connection ends is put there and stays at the registry. Not for streams, which cannot be read again.
   */
  readonly unfinished?: Map<string, string> | undefined
  /** Told how many bytes have been handed over so far; fewer than before where some of them were lost on the way. */
  readonly onProgress?: ((sent: number) => void) | undefined
}

/** An upload that was started. Its address may change with every answer. */
export interface Session {
  readonly transport: Transport
  readonly digest: Digest
  readonly options: PushOptions
  /** The least that the registry takes in one request, but the last. */
  readonly leastChunk: number
  location: string
}

export async function sendChunk(session: Session, chunk: Question): Promise<void> {
  follow(session, await session.transport.ask(session.location, questionOf(session, 'PATCH', chunk)))
}

export async function finish(session: Session, chunk: Question = {}): Promise<void> {
  const { transport, digest, location } = session
  const query = `${location.includes('?') ? '&' : '?'}digest=${digest}`
  await transport.ask(location + query, questionOf(session, 'PUT', chunk))
}

const questionOf = ({ options }: Session, method: 'PATCH' | 'PUT', chunk: Question): Question => ({
  ...chunk,
  method,
  headers: { 'Content-Type': OCTET_STREAM, ...chunk.headers },
  signal: options.signal,
})

/** How much has arrived: all of it also where the upload was finished and only the answer was lost. */
export async function askOffset(session: Session, path: string, size: number): Promise<number | 'whole'> {
  const { transport, options } = session
  const response = await transport.find(session.location, { signal: options.signal })
  if (response) {
    follow(session, response)
    const last = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.get('range') ?? '')?.[1] ?? 0)
    return last === 0 ? 0 : Math.min(last + 1, size)
  }
  if (await transport.find(path, { method: 'HEAD', signal: options.signal })) return 'whole'
  throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'the registry has forgotten the upload')
}

function follow(session: Session, response: Response): void {
  session.location = response.headers.get('location') ?? session.location
}

/** For another time, where that is wanted: see `unfinished`. */
export function leave({ digest, location, options }: Session, content: unknown, error: unknown): boolean {
  const { unfinished, signal } = options
  if (!unfinished || content instanceof ReadableStream) return false
  if (!signal?.aborted && !isBreak(error)) return false
  unfinished.set(digest, location)
  return true
}

/** It may be gone already. */
export const drop = (transport: Transport, location: string): Promise<unknown> =>
  transport.ask(location, { method: 'DELETE' }).catch(() => {})

/** Failures after which the same upload may go on. */
export function isBreak(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false
  return [409, 416, 500, 502, 503, 504].includes(error.status)
}
