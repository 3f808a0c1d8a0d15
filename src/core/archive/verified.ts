/** Bytes on their way out of a registry, held to their digest: what is wrong does not come to its end. */
import { type Algorithm, algorithmOf, type Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'

/** Node's own and hash-wasm's fit. */
export type CreateHash = (algorithm: Algorithm) => RunningHash | Promise<RunningHash>

export interface RunningHash {
  update(bytes: Uint8Array): unknown
  digest(encoding: 'hex'): string
}

/** Fails with SIZE_INVALID or DIGEST_INVALID at the end. Without `createHash` only the size is checked. */
export async function verified(
  stream: ReadableStream<Uint8Array>,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  createHash?: CreateHash,
): Promise<ReadableStream<Uint8Array>> {
  const algorithm = algorithmOf(digest)
  const hash = await createHash?.(algorithm)
  let left = size
  const check = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      left -= chunk.byteLength
      if (left < 0) throw wrongSize(digest, size)
      hash?.update(chunk)
      controller.enqueue(chunk)
    },
    flush() {
      if (left > 0) throw wrongSize(digest, size)
      if (hash === undefined || `${algorithm}:${hash.digest('hex')}` === digest) return
      throw new RegistryError('DIGEST_INVALID', `the bytes of ${digest} have another digest`)
    },
  })
  return stream.pipeThrough(check)
}

const wrongSize = (digest: Digest, size: number): RegistryError =>
  new RegistryError('SIZE_INVALID', `${digest} does not have ${size} bytes`)
