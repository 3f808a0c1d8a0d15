/** The bodies of manifests on their way in, within bounds: of each, and of all that are on their way. */
import { abortable } from '../async/abortable.ts'
import { createKeyedMutex } from '../async/keyed-mutex.ts'
import type { RegistryRequest } from '../http/message.ts'
import { RegistryError } from '../oci/error.ts'
import { MAX_MANIFEST_SIZE } from '../oci/manifest.ts'
import { createHeldMemory, type Holding } from './held-memory.ts'

/** Bytes that everybody may send without counting: more than nearly all manifests have. */
const UNCOUNTED = 64 * 1024

/** Bytes of those that are larger and on their way, all together. */
const MAX_COUNTED = 48 * 1024 * 1024

/**
 * Bytes of a manifest that takes turns with others of its kind: parsed, it needs ten times the memory. In its turn nobody
 * may wait for a peer or a client, who would hold up all others.
 */
export const LARGE = 256 * 1024

export interface ManifestBodies {
  /**
   * Gives `use` the body when all of it is here. Until then the client may be cut, if it has stopped while others need
   * the memory.
   *
   * @throws RegistryError MANIFEST_INVALID, as 413, before more than the limit is in memory; TOOMANYREQUESTS when cut
   */
  receive<T>(request: RegistryRequest, use: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T>
}

export function createManifestBodies(): ManifestBodies {
  const memory = createHeldMemory(MAX_COUNTED)
  const turns = createKeyedMutex()
  return {
    async receive(request, use) {
      if (Number(request.header('content-length') ?? 0) > MAX_MANIFEST_SIZE) throw tooLarge()
      const cut = new AbortController()
      using holding = memory.hold(() => cut.abort(tooSlow()))
      const bytes = await read(abortable(request.body ?? nothing(), cut.signal), holding)
      holding.settle()
      return bytes.length < LARGE ? await use(bytes) : await turns.run('large', () => use(bytes))
    },
  }
}

/** Into one buffer: a client may send byte by byte, and each chunk takes far more memory than its byte. */
async function read(body: AsyncIterable<Uint8Array>, holding: Holding): Promise<Uint8Array<ArrayBuffer>> {
  let buffer = new Uint8Array(UNCOUNTED / 16)
  let size = 0
  for await (const chunk of body) {
    const needed = size + chunk.byteLength
    if (needed > MAX_MANIFEST_SIZE) throw tooLarge()
    if (needed > buffer.length) {
      const larger = new Uint8Array(Math.min(MAX_MANIFEST_SIZE, Math.max(needed, 2 * buffer.length)))
      larger.set(buffer.subarray(0, size))
      holding.add(counted(larger.length) - counted(buffer.length))
      buffer = larger
    }
    buffer.set(chunk, size)
    size = needed
  }
  return buffer.subarray(0, size)
}

const counted = (length: number): number => Math.max(0, length - UNCOUNTED)

async function* nothing(): AsyncGenerator<Uint8Array> {}

const tooLarge = (): RegistryError =>
  new RegistryError('MANIFEST_INVALID', `manifest is larger than ${MAX_MANIFEST_SIZE} bytes`, { status: 413 })

const tooSlow = (): RegistryError =>
  new RegistryError('TOOMANYREQUESTS', 'the manifest came too slowly while many others came', {
    headers: { 'Retry-After': '10' },
  })
