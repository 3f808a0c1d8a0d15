/**
 * A registry as its clients see it: `/v2/` over any `fetch`, in pages, libraries and on the command line.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
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
  noRegistry,
  readBody,
  type Transport,
  undefinedIfUnknown,
} from './transport.ts'
import { goOn } from './unfinished.ts'
import { type Pushed, pushBlob } from './upload.ts'
import { drop, type PushOptions } from './upload-session.ts'

export interface ClientOptions {
  /** Default: the platform's own, which in a page is answered by its service worker. */
  readonly fetch?: Fetch
  /** Default: all goes by `fetch`. */
  readonly handOver?: HandOver
  /** URL of the registry, such as `http://localhost:5000`. Default: the page's own origin. */
  readonly base?: string
}

export interface Waiting {
  readonly signal?: AbortSignal | undefined
}

/** A manifest whose bytes have the digest. */
export interface PulledManifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface PulledBlob {
  /** Bytes that will come. */
  readonly size: number
  readonly stream: ReadableStream<Uint8Array>
}

/** All calls throw {@link RegistryError}: the registry's own, or UNAVAILABLE where none answers. */
export interface Client {
  /**
   * In bytes, NaN where the registry does not say; `undefined` where it does not hold the blob.
   *
   * @param options.onlyHere - the registry need not ask its peers for it, nor bring it from there
   */
  blobSize(
    repository: string,
    digest: Digest,
    options?: Waiting & { readonly onlyHere?: boolean },
  ): Promise<number | undefined>
  /** The bytes are not verified here: the reader knows what they are for, and may want a part only. */
  getBlob(
    repository: string,
    digest: Digest,
    options?: Waiting & { readonly range?: ByteRange },
  ): Promise<PulledBlob | undefined>
  /**
   * Streams: nothing of any size is in memory. What can be read again goes on where it was when the connection breaks; a stream cannot.
   *
   * @throws RegistryError DIGEST_INVALID where the bytes have another digest
   */
  pushBlob(
    repository: string,
    digest: Digest,
    content: Sliceable | ReadableStream<Uint8Array>,
    options?: PushOptions,
  ): Promise<Pushed>
  /** Uploads that will not go on. Never rejects: a registry forgets them by itself in the end. */
  dropUploads(unfinished: Map<string, string>): Promise<void>
  /**
   * `false` where the registry wants the bytes instead.
   *
   * @param from - the repository that has the blob; any that does, where it is not given
   */
  mountBlob(repository: string, digest: Digest, from: string | undefined, options?: Waiting): Promise<boolean>
  /** @throws RegistryError DIGEST_INVALID where the answer has another digest than `reference` */
  getManifest(repository: string, reference: string, options?: Waiting): Promise<PulledManifest | undefined>
  /** The same. @throws RegistryError MANIFEST_UNKNOWN where there is none, with the registry's own words for it */
  requireManifest(repository: string, reference: string, options?: Waiting): Promise<PulledManifest>
  /** @param reference - a tag or the digest of `bytes` */
  putManifest(
    repository: string,
    reference: string,
    manifest: { readonly mediaType: string; readonly bytes: Uint8Array<ArrayBuffer> },
    options?: Waiting,
  ): Promise<void>
  /** A tag, or with a digest the manifest and all its tags. `false` where there is none. */
  deleteManifest(repository: string, reference: string, options?: Waiting): Promise<boolean>
  tags(repository: string, options?: Waiting): Promise<string[]>
  repositories(options?: Waiting): Promise<string[]>
  /** Manifests whose subject is `digest`. */
  referrers(repository: string, digest: Digest, options?: Waiting): Promise<Descriptor[]>
}

export function createClient({
  fetch = (request) => globalThis.fetch(request),
  handOver,
  base = '',
}: ClientOptions = {}): Client {
  const transport = createTransport(fetch, base, handOver)
  const { ask, find } = transport
  return {
    async blobSize(repository, digest, { onlyHere = false, signal } = {}) {
      const headers = onlyHere ? { 'Cache-Control': 'only-if-cached' } : {}
      const asked = find(blobPath(repository, digest), { method: 'HEAD', headers, signal })
      const response = await (onlyHere ? asked.catch(undefinedIfNotCached) : asked)
      return response && Number(response.headers.get('content-length') ?? Number.NaN)
    },
    getBlob: (repository, digest, options) => getBlob(transport, blobPath(repository, digest), options),
    pushBlob: async (...blob) =>
      (await goOn(transport, ...blob)) ? 'sent' : await pushBlob(transport, ...blob),
    async dropUploads(unfinished) {
      for (const location of unfinished.values()) await drop(transport, location)
      unfinished.clear()
    },
    async mountBlob(repository, digest, from, options) {
      const query = new URLSearchParams({ mount: digest, ...(from !== undefined && { from }) })
      const response = await ask(`/v2/${repository}/blobs/uploads/?${query}`, { ...options, method: 'POST' })
      if (response.status === 201) return true
      await ask(locationIn(response), { ...options, method: 'DELETE' }).catch(() => {})
      return false
    },
    getManifest: (repository, reference, options) =>
      requireManifest(transport, repository, reference, options).catch(undefinedIfUnknown),
    requireManifest: (repository, reference, options) =>
      requireManifest(transport, repository, reference, options),
    async putManifest(repository, reference, { mediaType, bytes }, options) {
      const body = new Blob([bytes], { type: mediaType })
      requireTaken(await ask(manifestPath(repository, reference), { ...options, method: 'PUT', body }))
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

/** 201 by the specification. Some say another thing and name the digest; whatever says neither has not understood. */
function requireTaken({ status, headers }: Response): void {
  if (status === 201 || headers.has('docker-content-digest')) return
  throw noRegistry(`it answers a pushed manifest with ${status}`)
}

const blobPath = (repository: string, digest: Digest): string => `/v2/${repository}/blobs/${digest}`

const manifestPath = (repository: string, reference: string): string =>
  `/v2/${repository}/manifests/${reference}`

async function getBlob(
  { find }: Transport,
  path: string,
  { range, ...options }: Waiting & { readonly range?: ByteRange } = {},
): Promise<PulledBlob | undefined> {
  const headers = range && { Range: `bytes=${range.start}-${range.end}` }
  const response = await find(path, { ...options, ...(headers && { headers }) })
  if (!response) return undefined
  const size = Number(response.headers.get('content-length') ?? Number.NaN)
  if (range && (response.status !== 206 || size > lengthOf(range))) {
    await response.body?.cancel()
    throw new RegistryError('UNSUPPORTED', 'the registry does not answer ranges')
  }
  return { size, stream: response.body ?? new Blob([]).stream() }
}

async function requireManifest(
  { ask }: Transport,
  repository: string,
  reference: string,
  options?: Waiting,
): Promise<PulledManifest> {
  const headers = { Accept: MANIFEST_TYPES.join(', ') }
  const response = await ask(manifestPath(repository, reference), { ...options, headers })
  const bytes = await readBody(response, MAX_MANIFEST_SIZE)
  const asked = parseDigest(reference)
  const digest = await digestOf(bytes, asked && algorithmOf(asked))
  if (asked && asked !== digest) {
    throw new RegistryError('DIGEST_INVALID', 'the manifest has another digest', {
      detail: { expected: asked, actual: digest },
    })
  }
  return { digest, mediaType: essenceOf(response.headers.get('content-type') ?? ''), bytes }
}

async function list({ pages }: Transport, path: string, key: string, options?: Waiting): Promise<unknown[]> {
  const entries: unknown[] = []
  for await (const page of pages(path, options)) {
    const part = isObject(page) ? page[key] : undefined
    if (Array.isArray(part)) for (const entry of part) entries.push(entry)
  }
  return entries
}

const listNames = async (...question: Parameters<typeof list>): Promise<string[]> =>
  (await list(...question)).filter((entry) => typeof entry === 'string')

/** A cache on the way takes it to be asked itself (RFC 9111, section 5.2.1.7). */
function undefinedIfNotCached(error: unknown): undefined {
  if (error instanceof RegistryError && error.status === 504) return
  throw error
}
