import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { type Call, describeCalls } from '../../../support/calls.ts'
import { descriptorOf, imageOf, indexOf } from '../../../support/push.ts'

const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
const LAYER = descriptorOf('layer', 'application/vnd.oci.image.layer.v1.tar')
const IMAGE = imageOf(CONFIG, [LAYER])

/** `manifest` is sent as it is if it is text or bytes. */
function invalid(manifest: unknown, type = OCI_MANIFEST): Call {
  const isRaw = typeof manifest === 'string' || manifest instanceof Uint8Array
  return {
    call: 'PUT /v2/a/manifests/1.0',
    headers: { 'Content-Type': type },
    body: isRaw ? (manifest as string) : JSON.stringify(manifest),
    status: 400,
    error: 'MANIFEST_INVALID',
  }
}

describeCalls('a manifest that is none', {
  'no JSON': invalid('{'),
  nothing: invalid(''),
  'text that is not UTF-8': invalid(Uint8Array.of(0x22, 0xff, 0x22)),
  'a list': invalid([IMAGE]),
  null: invalid('null'),
  'schema 1': invalid({ schemaVersion: 1, name: 'a', tag: '1.0' }),
  'without a schema version': invalid({ ...IMAGE, schemaVersion: undefined }),
  'of schema version 3': invalid({ ...IMAGE, schemaVersion: 3 }),
  'of a type that we do not know': invalid({ ...IMAGE, mediaType: undefined }, 'application/json'),
  'of a schema 1 type': invalid(IMAGE, 'application/vnd.docker.distribution.manifest.v1+prettyjws'),
  'of another type in the header than in the body': invalid(IMAGE, DOCKER_MANIFEST),
  'of Docker without a media type': invalid({ ...IMAGE, mediaType: undefined }, DOCKER_MANIFEST),
  'of Docker, a list without a media type': invalid({ ...indexOf([]), mediaType: undefined }, DOCKER_LIST),
  'without a config': invalid({ ...IMAGE, config: undefined }),
  'with a malformed digest': invalid({ ...IMAGE, layers: [{ ...LAYER, digest: 'sha256:abc' }] }),
  'with a negative size': invalid({ ...IMAGE, layers: [{ ...LAYER, size: -1 }] }),
  'with a layer of no type': invalid({ ...IMAGE, layers: [{ ...LAYER, mediaType: 7 }] }),
  'with layers that are no list': invalid({ ...IMAGE, layers: LAYER }),
  'with annotations that are no text': invalid({ ...IMAGE, annotations: { a: 1 } }),
  'with a malformed subject': invalid({ ...IMAGE, subject: 'sha256' }),
})

describeCalls('type confusion', {
  'an image with children': invalid({ ...IMAGE, manifests: [] }),
  'an image with children, of no type in it': invalid({ ...IMAGE, manifests: [], mediaType: undefined }),
  'a Docker image with children': invalid(
    { ...IMAGE, mediaType: DOCKER_MANIFEST, manifests: [] },
    DOCKER_MANIFEST,
  ),
  'an index with layers': invalid({ ...indexOf([]), layers: [] }, OCI_INDEX),
  'an index with a config': invalid({ ...indexOf([]), config: CONFIG }, OCI_INDEX),
  'an index with schema 1 layers': invalid({ ...indexOf([]), fsLayers: [] }, OCI_INDEX),
  'an image sent as an index': invalid({ ...IMAGE, mediaType: undefined }, OCI_INDEX),
  'an index sent as an image': invalid({ ...indexOf([]), mediaType: undefined }, OCI_MANIFEST),
})
