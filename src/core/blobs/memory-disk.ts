/** A disk in memory, for tests and for registries that need not keep anything. */

import { abortable } from '../async/abortable.ts'
import { algorithmOf, type Digest, digestOf } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { ByteRange } from '../oci/range.ts'
import type { AppendOptions, Bytes, Content, Disk, Upload, UploadReader } from './ports.ts'

export function createMemoryDisk(): Disk {
  const blobs = new Map<Digest, Content>()
  const uploads = new Map<string, Upload>()
  return {
    get: async (digest) => blobs.get(digest),
    create: async ({ id = crypto.randomUUID() } = {}) => new MemoryUpload(id, blobs, uploads),
    resume: async (id) => uploads.get(id),
    delete: async (digest) => blobs.delete(digest),
    async *list() {
      yield* [...blobs.keys()]
    },
    async *uploads() {
      yield* [...uploads.keys()]
    },
  }
}

class MemoryUpload implements Upload {
  readonly id: string
  readonly #blobs: Map<Digest, Content>
  readonly #uploads: Map<string, Upload>
  #chunks: Uint8Array<ArrayBuffer>[] = []
  #size = 0

  constructor(id: string, blobs: Map<Digest, Content>, uploads: Map<string, Upload>) {
    this.id = id
    this.#blobs = blobs
    this.#uploads = uploads
  }

  get size(): number {
    return this.#size
  }

  async append(bytes: Bytes, options: AppendOptions = {}): Promise<void> {
    for await (const chunk of abortable(bytes, options.signal)) {
      // A copy, because a chunk may be a small part of a large buffer.
      this.#chunks.push(chunk.slice())
      this.#size += chunk.length
      this.#uploads.set(this.id, this)
      options.onProgress?.(this.#size)
    }
  }

  async commit(digest: Digest): Promise<Content> {
    const blob = new Blob(this.#chunks)
    const actual = await digestOf(new Uint8Array(await blob.arrayBuffer()), algorithmOf(digest))
    if (actual !== digest) {
      throw new RegistryError('DIGEST_INVALID', undefined, {
        detail: { digest, reason: `content is ${actual}` },
      })
    }
    await this.cancel()
    const content = new MemoryContent(blob)
    this.#blobs.set(digest, content)
    return content
  }

  async open(): Promise<UploadReader> {
    return new MemoryReader(this.#chunks)
  }

  async truncate(size: number): Promise<void> {
    if (size >= this.#size) return
    const left = await new Blob(this.#chunks).slice(0, size).bytes()
    this.#chunks.splice(0, Infinity, left) // in place: readers see the same list
    this.#size = size
    if (size === 0) this.#uploads.delete(this.id)
  }

  async cancel(): Promise<void> {
    this.#uploads.delete(this.id)
    this.#chunks = []
    this.#size = 0
  }
}

/** Holds the list of chunks, which an upload drops when it ends. */
class MemoryReader implements UploadReader {
  readonly #chunks: readonly Uint8Array<ArrayBuffer>[]

  constructor(chunks: readonly Uint8Array<ArrayBuffer>[]) {
    this.#chunks = chunks
  }

  async read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    let start = position
    for (const chunk of this.#chunks) {
      if (start < chunk.length) return chunk.slice(start, start + length)
      start -= chunk.length
    }
    throw new RegistryError('UNKNOWN', 'the upload was truncated while it was being read')
  }

  async close(): Promise<void> {}
}

class MemoryContent implements Content {
  readonly #blob: Blob

  constructor(blob: Blob) {
    this.#blob = blob
  }

  get size(): number {
    return this.#blob.size
  }

  stream(range?: ByteRange): ReadableStream<Uint8Array> {
    return (range ? this.#blob.slice(range.start, range.end + 1) : this.#blob).stream()
  }
}
