/** Manifests: pull by tag or digest, and delete. Pushing is in `push-manifest.ts`. */
import type { Content } from '../../blobs/ports.ts'
import type { Revision } from '../../catalog/manifests.ts'
import { emptyResponse, type RegistryResponse } from '../../http/message.ts'
import { accepts, etagOf, isNotModified } from '../../http/negotiation.ts'
import { parseDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { DOCKER_LIST } from '../../oci/media-type.ts'
import { parseReference, requireReference } from '../../oci/name.ts'
import type { Context, Endpoint } from '../context.ts'
import { type Found, type FoundManifest, findManifest, pullManifest } from '../lookup.ts'
import { explainMissing } from '../manifest-unknown.ts'

export const getManifest: Endpoint = async (context) => {
  const { request, store } = context
  const { repository, headers: mirrored } = await context.resolveRepository()
  const { value: revision, headers: source } = await findAcceptable(context, repository)
  const headers = {
    ...mirrored,
    ...source,
    'Content-Type': revision.mediaType,
    'Docker-Content-Digest': revision.digest,
    ETag: etagOf(revision.digest),
  }
  if (isNotModified(request, revision.digest)) return emptyResponse(304, headers)
  const bytes = revision.bytes ?? (await store.manifests.read(revision))
  if (!bytes) return repaired(context, repository, revision, headers)
  return manifestResponse(revision, headers, bytes)
}

/** Pulls again a manifest whose bytes the disk has lost. */
async function repaired(
  context: Context,
  repository: string,
  revision: Revision,
  headers: Record<string, string>,
): Promise<RegistryResponse> {
  const pulled = await pullManifest(context, repository, revision.digest)
  const bytes = pulled && (await context.store.manifests.read(revision))
  if (!bytes) throw unknown(context, 'the manifest is listed, but its bytes are lost and no peer has them')
  return manifestResponse(revision, { ...headers, ...pulled.headers }, bytes)
}

const manifestResponse = (
  { size }: Revision,
  headers: Record<string, string>,
  bytes: Uint8Array | Content,
): RegistryResponse => ({
  status: 200,
  headers: { ...headers, 'Content-Length': String(size) },
  body: [bytes instanceof Uint8Array ? bytes : { content: bytes, range: undefined }],
})

export const deleteManifest: Endpoint = async (context) => {
  const { name, store } = context
  const { digest, tag } = requireReference(context.parameter('reference'))
  const deleted =
    tag === undefined ? await store.manifests.delete(name, digest) : await store.manifests.untag(name, tag)
  if (deleted) return emptyResponse(202)
  throw unknown(context)
}

async function findAcceptable(context: Context, repository: string): Promise<Found<FoundManifest>> {
  const { request } = context
  const reference = parseReference(context.parameter('reference'))
  const start = performance.now()
  const found = reference && (await findManifest(context, repository, reference))
  if (!found) throw (await explainMissing(context, repository, start)) ?? unknown(context)
  const { mediaType } = found.value
  if (accepts(request.header('accept'), mediaType)) return found
  const child = reference.tag && (await defaultChild(context, repository, found.value))
  if (child) return child
  throw unknown(context, `manifest is ${mediaType}, which the Accept header does not name`)
}

/**
 * Docker before 1.10 cannot read manifest lists, so for a tag it gets the image of the platform that it must run on. Lists
 * that are too large for the cache are excluded, because each request would read them from the disk; there were none then.
 */
async function defaultChild(
  context: Context,
  repository: string,
  list: FoundManifest,
): Promise<Found<FoundManifest> | undefined> {
  const { request, store } = context
  const bytes =
    list.mediaType === DOCKER_LIST ? (list.bytes ?? (await store.manifests.read(list))) : undefined
  if (!(bytes instanceof Uint8Array)) return undefined
  const { manifests } = parseManifest(bytes, list.mediaType)
  const child = manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64',
  )
  const digest = child && parseDigest(child.digest)
  const found = digest && (await findManifest(context, repository, { digest }))
  return found && accepts(request.header('accept'), found.value.mediaType) ? found : undefined
}

const unknown = (context: Context, message?: string): RegistryError =>
  new RegistryError('MANIFEST_UNKNOWN', message, {
    detail: { name: context.name, reference: context.parameter('reference').slice(0, 256) },
  })
