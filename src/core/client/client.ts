/**
 * A client of `/v2/` over any `fetch`, for pages, libraries and the command line.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import type { AbortOptions } from '../async/abortable.ts'
import { type Descriptor, isObject, requireDescriptor } from '../oci/descriptor.ts'
import { algorithmOf, type Digest, digestOf, parseDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { MAX_MANIFEST_SIZE } from '../oci/manifest.ts'
import { essenceOf, MANIFEST_TYPES } from '../oci/media-type.ts'
import { type ByteRange, lengthOf } from '../oci/range.ts'
import type { Sliceable } from './sliceable.ts'
import { locationIn } from './start-upload.ts'
import {
  createTransport,
  type Fetch,
  type HandOver,
  notARegistry,
  readBody,
  type Transport,
  undefinedIfUnknown,
} from './transport.ts'
import { type Pushed, pushBlob, resumeUpload } from './upload.ts'
import { drop, type PushOptions } from './upload-session.ts'

export interface ClientOptions {
  /** Default: the platform's own; in a page, its service worker may answer. */
  readonly fetch?: Fetch
  /** Default: everything is sent by `fetch`. */
  readonly handOver?: HandOver
  /** URL of the registry, such as `http://localhost:5000`. Default: the page's own origin. */
  readonly base?: string
}

/** A manifest whose bytes have been verified against the digest. */
export interface PulledManifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface PulledBlob {
  /** Bytes in the stream. */
  readonly size: number
  readonly stream: ReadableStream<Uint8Array>
}

/** All calls throw {@link RegistryError}: the registry's own, or UNAVAILABLE if there is no response. */
export interface Client {
  /**
   * In bytes; NaN if the registry doesn't say, `undefined` if it doesn't have the blob.
   *
   * @param options.onlyHere - the registry should not look for it at its peers
   */
  blobSize(
    repository: string,
    digest: Digest,
    options?: AbortOptions & { readonly onlyHere?: boolean },
  ): Promise<number | undefined>
  /** The bytes aren't verified: the caller may read only part of them. */
  getBlob(
    repository: string,
    digest: Digest,
    options?: AbortOptions & { readonly range?: ByteRange },
  ): Promise<PulledBlob | undefined>
  /**
   * Streams the bytes, so memory use doesn't depend on the size. After a broken connection the upload resumes, unless
   * `content` is a stream, which can't be read again.
   *
   * @throws RegistryError DIGEST_INVALID if the bytes don't match the digest
   */
  pushBlob(
    repository: string,
    digest: Digest,
    content: Sliceable | ReadableStream<Uint8Array>,
    options?: PushOptions,
  ): Promise<Pushed>
  /** Cancels unfinished uploads. Never rejects, because a registry eventually forgets them anyway. */
  dropUploads(unfinished: Map<string, string>): Promise<void>
  /**
   * `false` if the registry needs the bytes instead.
   *
   * @param from - the repository that has the blob. Default: the registry looks in all
   */
  mountBlob(
    repository: string,
    digest: Digest,
    from: string | undefined,
    options?: AbortOptions,
  ): Promise<boolean>
  /** @throws RegistryError DIGEST_INVALID if the response doesn't match the digest in `reference` */
  getManifest(
    repository: string,
    reference: string,
    options?: AbortOptions,
  ): Promise<PulledManifest | undefined>
  /** Like `getManifest`. @throws RegistryError MANIFEST_UNKNOWN with the registry's message if there is none */
  requireManifest(repository: string, reference: string, options?: AbortOptions): Promise<PulledManifest>
  /** @param reference - a tag or the digest of `bytes` */
  putManifest(
    repository: string,
    reference: string,
    manifest: { readonly mediaType: string; readonly bytes: Uint8Array<ArrayBuffer> },
    options?: AbortOptions,
  ): Promise<void>
  /** Deletes a tag, or with a digest the manifest and all its tags. `false` if there is none. */
  deleteManifest(repository: string, reference: string, options?: AbortOptions): Promise<boolean>
  tags(repository: string, options?: AbortOptions): Promise<string[]>
  repositories(options?: AbortOptions): Promise<string[]>
  /** Manifests whose subject is `digest`. */
  referrers(repository: string, digest: Digest, options?: AbortOptions): Promise<Descriptor[]>
}

export function createClient({
  fetch = (request) => globalThis.fetch(request),
  handOver,
  base = '',
}: ClientOptions = {}): Client {
  const transport = createTransport(fetch, base, handOver)
  const { request, find } = transport
  return {
    async blobSize(repository, digest, { onlyHere = false, signal } = {}) {
      const headers = onlyHere ? { 'Cache-Control': 'only-if-cached' } : {}
      const asked = find(blobPath(repository, digest), { method: 'HEAD', headers, signal })
      const response = await (onlyHere ? asked.catch(undefinedIfNotCached) : asked)
      return response && Number(response.headers.get('content-length') ?? Number.NaN)
    },
    getBlob: (repository, digest, options) => getBlob(transport, blobPath(repository, digest), options),
    pushBlob: async (...blob) =>
      (await resumeUpload(transport, ...blob)) ? 'sent' : await pushBlob(transport, ...blob),
    async dropUploads(unfinished) {
      for (const location of unfinished.values()) await drop(transport, location)
      unfinished.clear()
    },
    async mountBlob(repository, digest, from, options) {
      const query = new URLSearchParams({ mount: digest, ...(from !== undefined && { from }) })
      const response = await request(`/v2/${repository}/blobs/uploads/?${query}`, {
        ...options,
        method: 'POST',
      })
      if (response.status === 201) return true
      await request(locationIn(response), { ...options, method: 'DELETE' }).catch(() => {})
      return false
    },
    getManifest: (repository, reference, options) =>
      requireManifest(transport, repository, reference, options).catch(undefinedIfUnknown),
    requireManifest: (repository, reference, options) =>
      requireManifest(transport, repository, reference, options),
    async putManifest(repository, reference, { mediaType, bytes }, options) {
      const body = new Blob([bytes], { type: mediaType })
      requireTaken(await request(manifestPath(repository, reference), { ...options, method: 'PUT', body }))
    },
    async deleteManifest(repository, reference, options) {
      const path = manifestPath(repository, reference)
      return (await find(path, { ...options, method: 'DELETE' })) !== undefined
    },
    tags: (repository, options) => listNames(transport, `/v2/${repository}/tags/list`, 'tags', options),
    repositories: (options) => listNames(transport, '/v2/_catalog', 'repositories', options),
    async referrers(repository, digest, options) {
      const entries = await list(transport, `/v2/${repository}/referrers/${digest}`, 'manifests', options)
      return entries.map((entry, position) => requireDescriptor(entry, `manifests[${position}]`))
    },
  }
}

/** The specification says 201. Some registries answer with another status and name the digest. */
function requireTaken({ status, headers }: Response): void {
  if (status === 201 || headers.has('docker-content-digest')) return
  throw notARegistry(`it answers a pushed manifest with ${status}`)
}

const blobPath = (repository: string, digest: Digest): string => `/v2/${repository}/blobs/${digest}`

const manifestPath = (repository: string, reference: string): string =>
  `/v2/${repository}/manifests/${reference}`

async function getBlob(
  { find }: Transport,
  path: string,
  { range, ...options }: AbortOptions & { readonly range?: ByteRange } = {},
): Promise<PulledBlob | undefined> {
  const headers = range && { Range: `bytes=${range.start}-${range.end}` }
  const response = await find(path, { ...options, ...(headers && { headers }) })
  if (!response) return undefined
  const size = Number(response.headers.get('content-length') ?? Number.NaN)
  if (range && (response.status !== 206 || size > lengthOf(range))) {
    await response.body?.cancel()
    throw new RegistryError('UNSUPPORTED', 'the registry does not support range requests')
  }
  return { size, stream: response.body ?? new Blob([]).stream() }
}

async function requireManifest(
  { request }: Transport,
  repository: string,
  reference: string,
  options?: AbortOptions,
): Promise<PulledManifest> {
  const headers = { Accept: MANIFEST_TYPES.join(', ') }
  const response = await request(manifestPath(repository, reference), { ...options, headers })
  const bytes = await readBody(response, MAX_MANIFEST_SIZE)
  const asked = parseDigest(reference)
  const digest = await digestOf(bytes, asked && algorithmOf(asked))
  if (asked && asked !== digest) {
    throw new RegistryError('DIGEST_INVALID', 'the manifest does not match its digest', {
      detail: { expected: asked, actual: digest },
    })
  }
  return { digest, mediaType: essenceOf(response.headers.get('content-type') ?? ''), bytes }
}

async function list(
  { pages }: Transport,
  path: string,
  key: string,
  options?: AbortOptions,
): Promise<unknown[]> {
  const entries: unknown[] = []
  for await (const page of pages(path, options)) {
    const list = isObject(page) ? page[key] : undefined
    if (Array.isArray(list)) for (const entry of list) entries.push(entry)
  }
  return entries
}

const listNames = async (...args: Parameters<typeof list>): Promise<string[]> =>
  (await list(...args)).filter((entry) => typeof entry === 'string')

/** 504: a cache between here and the registry answered `only-if-cached` itself (RFC 9111, section 5.2.1.7). */
function undefinedIfNotCached(error: unknown): undefined {
  if (error instanceof RegistryError && error.status === 504) return
  throw error
}
