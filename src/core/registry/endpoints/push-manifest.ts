/**
 * Pushing a manifest: the bytes are checked and kept exactly as they came.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
 */

import { emptyResponse, type RegistryResponse } from '../../http/message.ts'
import { algorithmOf, CANONICAL, type Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { essenceOf } from '../../oci/media-type.ts'
import { type Reference, requireReference, requireTag } from '../../oci/name.ts'
import type { Context, Endpoint } from '../context.ts'
import { checkUrls, requiredDigests } from '../manifest-rules.ts'
import { pullRequired } from '../pull-required.ts'
import { LARGE_MANIFEST_BYTES } from '../receive-manifest.ts'

/** More than anybody gives one image, and few enough for one transaction and one response header. */
const MAX_TAGS = 100

export const putManifest: Endpoint = async (context) => {
  const reference = requireReference(context.parameter('reference'))
  const tags = tagsOf(reference, context.query)
  const receive = () =>
    context.manifestReceiver.receive(context.request, (bytes) => put(context, reference, tags, bytes))
  return context.store.pushes.during(context.name, receive)
}

async function put(
  context: Context,
  reference: Reference,
  tags: readonly string[],
  bytes: Uint8Array<ArrayBuffer>,
): Promise<RegistryResponse> {
  const { name, request, config, store } = context
  const contentType = request.header('content-type')
  const manifest = parseManifest(bytes, contentType ? essenceOf(contentType) : undefined)
  const digest = await context.digestOf(bytes, reference.digest ? algorithmOf(reference.digest) : CANONICAL)
  requireSame(digest, reference)
  checkUrls(manifest, config.validation)
  const required = requiredDigests(manifest, config.validation)
  await pullRequired(context, name, required, { mayPull: bytes.length < LARGE_MANIFEST_BYTES })
  await store.manifests.put({ repository: name, digest, bytes, manifest, tags, required })
  return emptyResponse(201, {
    Location: context.locations.manifest(name, digest),
    'Docker-Content-Digest': digest,
    ...(manifest.subject && { 'OCI-Subject': manifest.subject.digest }),
    ...(reference.digest && tags.length > 0 && { 'OCI-Tag': tags.join(', ') }),
  })
}

/** The tag in the path, or those that `?tag=` adds to a push by digest. */
function tagsOf(reference: Reference, query: URLSearchParams): string[] {
  if (reference.tag !== undefined) return [reference.tag]
  const tags = [...new Set(query.getAll('tag'))]
  if (tags.length <= MAX_TAGS) return tags.map(requireTag)
  throw new RegistryError('TAG_INVALID', `more than ${MAX_TAGS} tags in one request`, { status: 414 })
}

function requireSame(digest: Digest, reference: Reference): void {
  if (reference.digest === undefined || reference.digest === digest) return
  throw new RegistryError('DIGEST_INVALID', undefined, {
    detail: { expected: reference.digest, actual: digest },
  })
}
