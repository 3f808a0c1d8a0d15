/**
 * The ports of the blob store: what a platform must offer so that the registry can keep bytes on it.
 *
 * A blob's life: `create` an upload, `append` to it in one or many requests, across restarts if need be, and
 * `commit` it under its digest. Until the commit it can be seen by nobody; after it, it is whole, verified,
 * durable, and never changes. `test/contract/disk.ts` holds every implementation to this.
 */
import type { Algorithm, Digest } from '../oci/digest.ts'
import type { ByteRange } from '../oci/range.ts'

/** Bytes that can be read any number of times, whole or in part. */
export interface Content {
  readonly size: number
  /** Breaks off with an error where the bytes cannot be read to the end. Each chunk is handed over, see {@link Bytes}. */
  stream(range?: ByteRange): ReadableStream<Uint8Array>
}

/**
 * Bytes as they arrive: a web stream, or a platform's own stream of buffers. Each chunk is handed over: who takes it
 * may free its memory at once, without waiting for the garbage collector.
 */
export type Bytes = AsyncIterable<Uint8Array>

export interface BlobSource {
  /** `undefined` where the blob is not held. */
  get(digest: Digest, options?: { readonly signal?: AbortSignal }): Promise<Content | undefined>
}

export interface AppendOptions {
  readonly signal?: AbortSignal | undefined
  readonly last?: boolean
  /** Told, as they come in, how many bytes of the upload can be read back. */
  readonly onProgress?: (size: number) => void
}

/** The bytes of an upload, also while more come, and also after its commit or its end. */
export interface UploadReader {
  /** As many of `length` bytes as there are, at least one, in a buffer of their own that is handed over. */
  read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

/** A push in progress. One caller at a time: the registry sees to it. */
export interface Upload {
  readonly id: string
  /** Bytes received so far; what a client may go on from. */
  readonly size: number
  /**
   * Adds bytes at the end. On return they are durable; with `last`, the commit that follows at once makes them so. If
   * `bytes` fails or `signal` aborts, what had arrived until then stays, `size` tells how much, and the failure is
   * thrown on.
   */
  append(bytes: Bytes, options?: AppendOptions): Promise<void>
  /**
   * Checks the digest, then makes the blob visible and durable, all or nothing. Idempotent for content that
   * is already there. The upload is gone afterwards.
   *
   * @param options.isNew - nobody relies on a blob of this digest yet, so that one which is not durable may stand in
   * its place until this returns
   *
   * @throws RegistryError DIGEST_INVALID where the bytes are others; the upload is as before then
   */
  commit(digest: Digest, options?: { readonly isNew?: boolean }): Promise<Content>
  /** Whoever opens it closes it. What is truncated away and written anew is read as it is then. */
  open(): Promise<UploadReader>
  /** Forgets the bytes from `size` on. Not while bytes are being appended. */
  truncate(size: number): Promise<void>
  /** Forgets the bytes. Idempotent, also after a commit. */
  cancel(): Promise<void>
}

export interface CreateOptions {
  readonly id?: string
  /** The one that the digest is expected in; another one works but costs a second reading. */
  readonly algorithm?: Algorithm
  /** The bytes come with a later request: there is time to get ready for them. */
  readonly ahead?: boolean
}

export interface Disk extends BlobSource {
  create(options?: CreateOptions): Promise<Upload>
  /** The upload as a request left it, or a process that was killed. `undefined` if nothing of it is stored. */
  resume(id: string, options?: { readonly algorithm?: Algorithm }): Promise<Upload | undefined>
  /** `false` where the blob was not held. Readers that have begun may finish. */
  delete(digest: Digest): Promise<boolean>
  list(): AsyncIterable<Digest>
  /** The ids of all uploads of which bytes are stored. */
  uploads(): AsyncIterable<string>
}
