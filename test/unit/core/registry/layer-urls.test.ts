import { type Call, describeCalls } from '../../../support/calls.ts'
import type { InMemoryRegistry, Settings } from '../../../support/in-memory-registry.ts'
import { descriptorOf, imageOf, pushBlob, pushConfig } from '../../../support/push.ts'

const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')

const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
const DOCKER_FOREIGN = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
const NON_DISTRIBUTABLE = [
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
]

const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json'
const OCI = 'application/vnd.oci.image.manifest.v1+json'

interface Layer {
  readonly type: string
  readonly urls?: readonly string[]
}

/** A push of an image with one layer, which is not in the registry unless `isPresent`. */
function push({ type, urls }: Layer, error?: Call['error'], isPresent = false): Call {
  const mediaType = type.includes('docker') ? DOCKER : OCI
  const layer = { ...descriptorOf('layer', type), ...(urls && { urls }) }
  return {
    given: async (registry: InMemoryRegistry) => {
      await pushConfig(registry, 'a')
      if (isPresent) await pushBlob(registry, 'a', 'layer')
    },
    call: 'PUT /v2/a/manifests/1.0',
    headers: { 'Content-Type': mediaType },
    body: JSON.stringify({ ...imageOf(CONFIG, [layer]), mediaType }),
    ...(error ? { status: 400, error } : { status: 201 }),
  }
}

const FOO: Settings = {
  validation: { manifests: { urls: { allow: ['^https?://foo'], deny: ['^https?://foo/nope'] } } },
}

for (const type of [DOCKER_FOREIGN, ...NON_DISTRIBUTABLE]) {
  describeCalls(
    `${type} with the URLs`,
    {
      none: push({ type }, 'MANIFEST_BLOB_UNKNOWN'),
      'an empty list': push({ type, urls: [] }, 'MANIFEST_BLOB_UNKNOWN'),
      'none, but present': push({ type }, undefined, true),
      http: push({ type, urls: ['http://foo/bar'] }),
      https: push({ type, urls: ['https://foo/bar'] }),
      several: push({ type, urls: ['https://foo/bar', 'http://foo/baz'] }),
      'a file': push({ type, urls: ['file:///local/file'] }, 'MANIFEST_INVALID'),
      'with a fragment': push({ type, urls: ['http://foo/bar#baz'] }, 'MANIFEST_INVALID'),
      empty: push({ type, urls: [''] }, 'MANIFEST_INVALID'),
      'the first empty': push({ type, urls: ['', 'https://foo/bar'] }, 'MANIFEST_INVALID'),
      'the last empty': push({ type, urls: ['https://foo/bar', ''] }, 'MANIFEST_INVALID'),
      'of a host that is not allowed': push({ type, urls: ['http://nope/bar'] }, 'MANIFEST_INVALID'),
      'of a path that is denied': push({ type, urls: ['http://foo/nope'] }, 'MANIFEST_INVALID'),
      'no URL at all': push({ type, urls: ['foo'] }, 'MANIFEST_INVALID'),
      'not allowed, though present': push({ type, urls: ['http://nope/bar'] }, 'MANIFEST_INVALID', true),
    },
    FOO,
  )
}

for (const type of [DOCKER_LAYER, OCI_LAYER]) {
  describeCalls(
    `${type} with URLs`,
    {
      'must exist all the same': push({ type, urls: ['http://foo/bar'] }, 'MANIFEST_BLOB_UNKNOWN'),
      'may exist': push({ type, urls: ['http://foo/bar'] }, undefined, true),
      'must have allowed ones': push({ type, urls: ['http://foo/nope'] }, 'MANIFEST_INVALID', true),
    },
    FOO,
  )
}

const foreign = (url: string, error?: Call['error']) => push({ type: DOCKER_FOREIGN, urls: [url] }, error)

describeCalls('without a rule', {
  'no URL is allowed': foreign('https://foo/bar', 'MANIFEST_INVALID'),
})

describeCalls(
  'with a denial only',
  {
    'other URLs are allowed': foreign('https://bar/foo'),
    'the denied are not': foreign('https://foo/bar', 'MANIFEST_INVALID'),
    'schemes matter as ever': foreign('ftp://bar/foo', 'MANIFEST_INVALID'),
  },
  { validation: { manifests: { urls: { deny: ['//foo'] } } } },
)

describeCalls(
  'several allowances',
  {
    'the first': foreign('https://one/bar'),
    'the second': foreign('https://two/bar'),
    neither: foreign('https://three/bar', 'MANIFEST_INVALID'),
  },
  { validation: { manifests: { urls: { allow: ['//one/', '//two/'] } } } },
)

describeCalls(
  'validation that is disabled',
  { 'lets any URL through': foreign('file:///etc/passwd') },
  { validation: { disabled: true } },
)

describeCalls(
  'validation that is disabled and enabled',
  { 'is enabled': foreign('https://foo/bar', 'MANIFEST_INVALID') },
  { validation: { disabled: true, enabled: true } },
)
