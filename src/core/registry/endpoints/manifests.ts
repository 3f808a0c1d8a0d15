/** Manifests: pull by tag or digest, and delete. Pushing stands in `push-manifest.ts`. */
import type { Revision } from '../../catalog/manifests.ts'
import { isObject } from '../../oci/descriptor.ts'
import { parseDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { DOCKER_LIST } from '../../oci/media-type.ts'
import { parseReference, requireReference } from '../../oci/name.ts'
import { accepts } from '../accept.ts'
import { etagOf, isNotModified } from '../conditional.ts'
import type { Context, Endpoint } from '../context.ts'
import { emptyResponse } from '../http.ts'

export const getManifest: Endpoint = async (context) => {
  const { request, store } = context
  const { repository, headers: origin } = await context.source()
  const revision = await findRevision(context, repository)
  const headers = {
    ...origin,
    'Content-Type': revision.mediaType,
    'Docker-Content-Digest': revision.digest,
    ETag: etagOf(revision.digest),
  }
  if (isNotModified(request, revision.digest)) return emptyResponse(304, headers)
  const bytes = await store.manifests.read(revision)
  if (!bytes) throw unknown(context, 'manifest is listed but its bytes are gone')
  return { status: 200, headers: { ...headers, 'Content-Length': String(revision.size) }, body: [bytes] }
}

export const deleteManifest: Endpoint = async (context) => {
  const { name, store } = context
  const { digest, tag } = requireReference(context.parameter('reference'))
  const deleted =
    tag === undefined
      ? await store.manifests.delete(name, digest)
      : await store.catalog.transaction((queries) => queries.tags.delete(name, tag))
  if (deleted) return emptyResponse(202)
  throw unknown(context)
}

async function findRevision(context: Context, repository: string): Promise<Revision> {
  const { request, store } = context
  const reference = parseReference(context.parameter('reference'))
  const revision = reference && (await store.manifests.find(repository, reference))
  if (!revision) throw unknown(context)
  if (accepts(request.header('accept'), revision.mediaType)) return revision
  const child = reference.tag && (await defaultChild(context, repository, revision))
  if (child) return child
  throw unknown(context, `manifest is ${revision.mediaType}, which the Accept header does not name`)
}

/** Docker before 1.10 cannot read lists: for a tag it gets the image of the platform it must be running on. */
async function defaultChild(
  context: Context,
  repository: string,
  list: Revision,
): Promise<Revision | undefined> {
  const { request, store } = context
  const bytes = list.mediaType === DOCKER_LIST ? await store.manifests.read(list) : undefined
  const children: unknown[] = bytes ? (JSON.parse(new TextDecoder().decode(bytes)).manifests ?? []) : []
  const child = children.filter(isObject).find(({ platform }) => {
    return isObject(platform) && platform['os'] === 'linux' && platform['architecture'] === 'amd64'
  })
  const digest = parseDigest(String(child?.['digest']))
  const revision = digest && (await store.manifests.find(repository, { digest }))
  return revision && accepts(request.header('accept'), revision.mediaType) ? revision : undefined
}

const unknown = (context: Context, message?: string): RegistryError =>
  new RegistryError('MANIFEST_UNKNOWN', message, {
    detail: { name: context.name, reference: context.parameter('reference').slice(0, 256) },
  })
