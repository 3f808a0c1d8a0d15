/** Verifies a blob while it streams: a stream with the wrong size or digest fails before its end. */
import { type Algorithm, algorithmOf, type Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'

/** Node's `createHash` and the hashers of hash-wasm both fit. */
export type CreateHash = (algorithm: Algorithm) => RunningHash | Promise<RunningHash>

export interface RunningHash {
  update(bytes: Uint8Array): unknown
  digest(encoding: 'hex'): string
}

/** The stream fails with SIZE_INVALID or DIGEST_INVALID. Without `createHash`, only the size is checked. */
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
      throw new RegistryError('DIGEST_INVALID', `the bytes received for ${digest} do not match it`)
    },
  })
  return stream.pipeThrough(check)
}

const wrongSize = (digest: Digest, size: number): RegistryError =>
  new RegistryError('SIZE_INVALID', `${digest} does not have ${size} bytes`)
