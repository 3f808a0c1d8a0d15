/**
 * The ports of the blob store: what a platform must offer so that the registry can store bytes on it.
 *
 * The life of a blob: `create` an upload, `append` to it in one or many requests, across restarts if need be, and
 * `commit` it under its digest. Before the commit nobody can see it. Afterwards it is complete, verified and durable, and
 * it never changes. `test/contract/disk.ts` holds every implementation to this.
 */
import type { Algorithm, Digest } from '../oci/digest.ts'
import type { ByteRange } from '../oci/range.ts'

/** Bytes that can be read any number of times, completely or in part. */
export interface Content {
  readonly size: number
  /** Errors if the bytes cannot be read to the end. Each chunk is handed over, see {@link Bytes}. */
  stream(range?: ByteRange): ReadableStream<Uint8Array>
}

/**
 * Bytes as they arrive: a web stream, or a platform's own stream of buffers. Each chunk is handed over: the consumer may
 * free its memory at once, without waiting for the garbage collector.
 */
export type Bytes = AsyncIterable<Uint8Array>

export interface BlobSource {
  /** `undefined` if the blob is not stored. */
  get(digest: Digest): Promise<Content | undefined>
}

export interface AppendOptions {
  readonly signal?: AbortSignal | undefined
  /** The commit follows at once. */
  readonly last?: boolean
  /** Called while bytes come in, with the number of bytes of the upload that can be read. */
  readonly onProgress?: (size: number) => void
}

/** Reads an upload, even while bytes are appended, and even after it was committed or cancelled. */
export interface UploadReader {
  /** As many of `length` bytes as there are, at least one, in a new buffer that is handed over. */
  read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

/** A push in progress. The store makes sure that there is one caller at a time. */
export interface Upload {
  readonly id: string
  /** Bytes received so far, at which a client may continue. */
  readonly size: number
  /**
   * Adds bytes at the end. On return they are durable; with `last`, only after the commit. If `bytes` fails or `signal`
   * aborts, the bytes that had arrived stay and count in `size`, and the error is rethrown.
   */
  append(bytes: Bytes, options?: AppendOptions): Promise<void>
  /**
   * Checks the digest, then makes the blob visible and durable, atomically. Idempotent if the blob exists. The upload no
   * longer exists afterwards.
   *
   * @param options.isNew - no row names this digest yet, so the blob may be visible before it is durable
   *
   * @throws RegistryError DIGEST_INVALID if the digest does not match; the upload is then as before
   */
  commit(digest: Digest, options?: { readonly isNew?: boolean }): Promise<Content>
  /** The caller closes the reader. Bytes that are truncated and written again are read as they then are. */
  open(): Promise<UploadReader>
  /** Discards the bytes from `size` on. Not to be called while bytes are appended. */
  truncate(size: number): Promise<void>
  /** Discards the bytes. Idempotent, even after a commit. */
  cancel(): Promise<void>
}

export interface CreateOptions {
  readonly id?: string
  /** The expected algorithm of the digest. Another one works, but the bytes are read a second time. */
  readonly algorithm?: Algorithm
  /** The bytes come with a later request, so there is time to prepare the file. */
  readonly ahead?: boolean
}

export interface Disk extends BlobSource {
  create(options?: CreateOptions): Promise<Upload>
  /** The upload as an earlier request or process has left it. `undefined` if none of its bytes are stored. */
  resume(id: string, options?: { readonly algorithm?: Algorithm }): Promise<Upload | undefined>
  /** `false` if the blob was not stored. Readers that have started may finish. */
  delete(digest: Digest): Promise<boolean>
  list(): AsyncIterable<Digest>
  /** The ids of all uploads with stored bytes. */
  uploads(): AsyncIterable<string>
}
