import { describe, expect, it } from 'vitest'
import { type Call, describeCalls } from '../../../support/calls.ts'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob, pushImage } from '../../../support/push.ts'

const DIGEST = digestOf('shared')
const given: Call['given'] = (registry) => pushBlob(registry, 'source', 'shared')

const mounted = {
  status: 201,
  text: '',
  answers: {
    Location: `http://registry.example/v2/target/blobs/${DIGEST}`,
    'Docker-Content-Digest': DIGEST,
    'Content-Length': '0',
  },
}

const UPLOAD = { status: 202, answers: { 'Docker-Upload-UUID': /./, Range: '0-0' } }

describeCalls('mounting a blob', {
  'from another repository': {
    given,
    call: `POST /v2/target/blobs/uploads/?mount=${DIGEST}&from=source`,
    ...mounted,
  },
  'from any repository': { given, call: `POST /v2/target/blobs/uploads/?mount=${DIGEST}`, ...mounted },
  'from where it is already': {
    given: (registry) => pushBlob(registry, 'target', 'shared'),
    call: `POST /v2/target/blobs/uploads/?mount=${DIGEST}&from=target`,
    ...mounted,
  },
  'by sha512': {
    given: (registry) => pushBlob(registry, 'source', 'shared', undefined, 'sha512'),
    call: `POST /v2/target/blobs/uploads/?mount=${digestOf('shared', 'sha512')}&from=source`,
    status: 201,
  },
})

describeCalls('a mount that does not succeed becomes an upload', {
  'the source does not have it': {
    given,
    call: `POST /v2/target/blobs/uploads/?mount=${DIGEST}&from=elsewhere`,
    ...UPLOAD,
  },
  'nobody has it': { call: `POST /v2/target/blobs/uploads/?mount=${DIGEST}`, ...UPLOAD },
  'the digest is malformed': { call: 'POST /v2/target/blobs/uploads/?mount=sha256:x&from=source', ...UPLOAD },
  'the name is malformed': {
    given,
    call: `POST /v2/target/blobs/uploads/?mount=${DIGEST}&from=-A`,
    ...UPLOAD,
  },
})

describe('a mounted blob', () => {
  it('is served by both repositories and stored once', async () => {
    await using registry = await openInMemoryRegistry()
    await given?.(registry)
    await registry.fetch('POST', `/v2/target/blobs/uploads/?mount=${DIGEST}&from=source`)
    for (const name of ['source', 'target']) {
      expect(await (await registry.fetch('GET', `/v2/${name}/blobs/${DIGEST}`)).text()).toBe('shared')
    }
    expect(await Array.fromAsync(registry.disk.list())).toEqual([DIGEST])
  })

  it('can be what a manifest needs', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushImage(registry, 'source')
    const manifest = await (await registry.fetch('GET', `/v2/source/manifests/${digest}`)).text()
    for (const content of ['{}', 'layer']) {
      await registry.fetch('POST', `/v2/target/blobs/uploads/?mount=${digestOf(content)}`)
    }
    const headers = { 'Content-Type': JSON.parse(manifest).mediaType }
    expect((await registry.fetch('PUT', '/v2/target/manifests/1', { headers, body: manifest })).status).toBe(
      201,
    )
  })

  it('may not be a manifest of another repository', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushImage(registry, 'source')
    const response = await registry.fetch('POST', `/v2/target/blobs/uploads/?mount=${digest}&from=source`)
    expect(response.status).toBe(202)
  })
})
