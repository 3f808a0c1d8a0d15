/** Receives the bodies of manifests within limits: of each, and of all that are being received. */
import { abortable } from '../async/abortable.ts'
import { createKeyedMutex } from '../async/mutex.ts'
import { createMemoryBudget, type Reservation } from '../http/memory-budget.ts'
import type { RegistryRequest } from '../http/message.ts'
import { RegistryError } from '../oci/error.ts'
import { MAX_MANIFEST_SIZE } from '../oci/manifest.ts'

/** Not counted against the budget; nearly all manifests are smaller. */
const UNCOUNTED_BYTES = 64 * 1024

/** Of all larger manifests together while they are received. */
const MAX_COUNTED_BYTES = 48 * 1024 * 1024

/**
 * Manifests of this size are processed one at a time, because parsed they need ten times the memory. Meanwhile nothing may
 * wait for a peer or a client, which would hold up all others.
 */
export const LARGE_MANIFEST_BYTES = 256 * 1024

export interface ManifestReceiver {
  /**
   * Calls `use` with the complete body. Until then the client may be cut, if it has stopped while others need the memory.
   *
   * @throws RegistryError MANIFEST_INVALID, as 413, before more than the limit is in memory; TOOMANYREQUESTS when cut
   */
  receive<T>(request: RegistryRequest, use: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T>
}

export function createManifestReceiver(): ManifestReceiver {
  const memory = createMemoryBudget(MAX_COUNTED_BYTES)
  const mutex = createKeyedMutex()
  return {
    async receive(request, use) {
      if (Number(request.header('content-length') ?? 0) > MAX_MANIFEST_SIZE) throw tooLarge()
      const cut = new AbortController()
      using reservation = memory.reserve(() => cut.abort(tooSlow()))
      const bytes = await read(abortable(request.body ?? nothing(), cut.signal), reservation)
      reservation.protect()
      return bytes.length < LARGE_MANIFEST_BYTES
        ? await use(bytes)
        : await mutex.run('large', () => use(bytes))
    },
  }
}

/** Reads into one buffer, because a client may send byte by byte, and a chunk takes far more memory than one byte. */
async function read(
  body: AsyncIterable<Uint8Array>,
  reservation: Reservation,
): Promise<Uint8Array<ArrayBuffer>> {
  let buffer = new Uint8Array(UNCOUNTED_BYTES / 16)
  let size = 0
  for await (const chunk of body) {
    const needed = size + chunk.byteLength
    if (needed > MAX_MANIFEST_SIZE) throw tooLarge()
    if (needed > buffer.length) {
      const larger = new Uint8Array(Math.min(MAX_MANIFEST_SIZE, Math.max(needed, 2 * buffer.length)))
      larger.set(buffer.subarray(0, size))
      reservation.grow(counted(larger.length) - counted(buffer.length))
      buffer = larger
    }
    buffer.set(chunk, size)
    size = needed
  }
  return buffer.subarray(0, size)
}

const counted = (length: number): number => Math.max(0, length - UNCOUNTED_BYTES)

async function* nothing(): AsyncGenerator<Uint8Array> {}

const tooLarge = (): RegistryError =>
  new RegistryError('MANIFEST_INVALID', `manifest is larger than ${MAX_MANIFEST_SIZE} bytes`, { status: 413 })

const tooSlow = (): RegistryError =>
  new RegistryError(
    'TOOMANYREQUESTS',
    'the manifest arrived too slowly while many others were pushed; try again',
    {
      headers: { 'Retry-After': '10' },
    },
  )
