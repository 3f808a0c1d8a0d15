import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { parseManifest } from '../../../../src/core/oci/manifest.ts'
import { expectAnswer } from '../../../support/calls.ts'
import {
  type InMemoryRegistry,
  openInMemoryRegistry,
  type Settings,
} from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob, pushImage } from '../../../support/push.ts'
import { PEER, type RemoteCall, remoteAt } from '../../../support/remote.ts'

const CONTENT = 'content'
const DIGEST = digestOf(CONTENT)
const BLOB = `/v2/a/blobs/${DIGEST}`

const FROM_PEER = {
  'Flotilla-Source': new RegExp(`^peer;id=${PEER};bytes=\\d+$`),
  'Server-Timing': new RegExp(`^swarm;dur=[\\d.]+;desc="${PEER}"$`),
}
const FROM_DISK = { 'Flotilla-Source': 'disk', 'Server-Timing': 'disk', 'Flotilla-Tag-Source': null }

interface Pair extends AsyncDisposable {
  readonly here: InMemoryRegistry
  readonly peer: InMemoryRegistry
  readonly asked: RemoteCall[]
}

/** A registry that asks another one for what it lacks. */
async function openPair(settings?: Settings): Promise<Pair> {
  const asked: RemoteCall[] = []
  const peer = await openInMemoryRegistry()
  const here = await openInMemoryRegistry(settings, remoteAt(peer, asked))
  return {
    here,
    peer,
    asked,
    async [Symbol.asyncDispose]() {
      await here.close()
      await peer.close()
    },
  }
}

describe('a blob that a peer holds', () => {
  it('is pulled, and is here from then on', async () => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'other', CONTENT)
    await expectAnswer(await pair.here.fetch('GET', BLOB), { status: 200, text: CONTENT, answers: FROM_PEER })
    await expectAnswer(await pair.here.fetch('GET', BLOB), { status: 200, text: CONTENT, answers: FROM_DISK })
    expect(pair.asked).toHaveLength(1)
  })

  it.each([
    ['bytes=0-0', 'c', 'bytes 0-0/7'],
    ['bytes=3-', 'tent', 'bytes 3-6/7'],
    ['bytes=-2', 'nt', 'bytes 5-6/7'],
  ])('is pulled in the range %s', async (range, text, place) => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'a', CONTENT)
    const response = await pair.here.fetch('GET', BLOB, { headers: { Range: range } })
    await expectAnswer(response, { status: 206, text, answers: { ...FROM_PEER, 'Content-Range': place } })
  })

  it('is pulled in several ranges', async () => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'a', CONTENT)
    const response = await pair.here.fetch('GET', BLOB, { headers: { Range: 'bytes=0-1,4-5' } })
    expect(response.status).toBe(206)
    expect(await response.text()).toMatch(/\r\nco\r\n(.|\r\n)*\r\nen\r\n/)
  })

  it('is refused in a range beyond its end', async () => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'a', CONTENT)
    const response = await pair.here.fetch('GET', BLOB, { headers: { Range: 'bytes=7-' } })
    await expectAnswer(response, { status: 416, answers: { 'Content-Range': 'bytes */7' } })
  })

  it('is there for HEAD, which makes sure that it is here', async () => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'a', CONTENT)
    const response = await pair.here.fetch('HEAD', BLOB)
    await expectAnswer(response, { status: 200, answers: { ...FROM_PEER, 'Content-Length': '7' } })
    expect(await pair.here.store.blobs.get('a', DIGEST as Digest)).toBeDefined()
  })

  it.each(['GET', 'HEAD'])('is not looked for where %s wants only what is here', async (method) => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'a', CONTENT)
    const headers = { 'Cache-Control': 'no-transform, Only-If-Cached' }
    await expectAnswer(await pair.here.fetch(method, BLOB, { headers }), { status: 404 })
    expect(pair.asked).toEqual([])
    await pushBlob(pair.here, 'a', CONTENT)
    await expectAnswer(await pair.here.fetch(method, BLOB, { headers }), { status: 200, answers: FROM_DISK })
  })

  it('comes back after its file was lost', async () => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'a', CONTENT)
    await pushBlob(pair.here, 'a', CONTENT)
    await pair.here.disk.delete(DIGEST as Digest)
    await expectAnswer(await pair.here.fetch('GET', BLOB), { status: 200, text: CONTENT, answers: FROM_PEER })
    await expectAnswer(await pair.here.fetch('GET', BLOB), { status: 200, answers: FROM_DISK })
  })

  it('comes from disk where another repository had it', async () => {
    await using pair = await openPair()
    await pushBlob(pair.here, 'other', CONTENT)
    await expectAnswer(await pair.here.fetch('GET', BLOB), { status: 200, text: CONTENT, answers: FROM_DISK })
  })
})

describe('what nobody holds', () => {
  it.each([
    [BLOB, 'BLOB_UNKNOWN'],
    [`/v2/a/manifests/${DIGEST}`, 'MANIFEST_UNKNOWN'],
    ['/v2/a/manifests/tag', 'MANIFEST_UNKNOWN'],
  ] as const)('is not found at %s', async (path, error) => {
    await using pair = await openPair()
    await expectAnswer(await pair.here.fetch('GET', path), { status: 404, error })
    await expectAnswer(await pair.here.fetch('HEAD', path), { status: 404 })
  })

  it('is not found either where file and row are gone', async () => {
    await using pair = await openPair()
    await pushBlob(pair.here, 'a', CONTENT)
    await pair.here.disk.delete(DIGEST as Digest)
    await expectAnswer(await pair.here.fetch('GET', BLOB), { status: 404, error: 'BLOB_UNKNOWN' })
  })
})

describe('a manifest that a peer holds', () => {
  it('is pulled by its digest', async () => {
    await using pair = await openPair()
    const { digest, mediaType } = await pushImage(pair.peer, 'other')
    const path = `/v2/a/manifests/${digest}`
    const answers = {
      'Content-Type': mediaType,
      'Docker-Content-Digest': digest,
      'Flotilla-Tag-Source': null,
    }
    await expectAnswer(await pair.here.fetch('GET', path), {
      status: 200,
      answers: { ...FROM_PEER, ...answers },
    })
    await expectAnswer(await pair.here.fetch('GET', path), { status: 200, answers: FROM_DISK })
  })

  it('is pulled by a tag of the peer, which is told to no other peer', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    for (const source of [FROM_PEER, { 'Flotilla-Source': 'disk' }]) {
      const response = await pair.here.fetch('GET', '/v2/a/manifests/1')
      const answers = { ...source, 'Docker-Content-Digest': digest, 'Flotilla-Tag-Source': PEER }
      await expectAnswer(response, { status: 200, answers })
    }
    expect(await pair.here.store.catalog.shareFacts.tagging('a', '1')).toBeUndefined()
  })

  it('is not asked for where the tag is set here', async () => {
    await using pair = await openPair()
    await pushImage(pair.peer, 'a', { tag: '1', annotations: { at: 'peer' } })
    const { digest } = await pushImage(pair.here, 'a', { tag: '1' })
    const response = await pair.here.fetch('GET', '/v2/a/manifests/1')
    const answers = { ...FROM_DISK, 'Docker-Content-Digest': digest }
    await expectAnswer(response, { status: 200, answers })
    expect(pair.asked).toEqual([])
  })

  it('comes back after its bytes were lost', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a')
    await listWithoutBytes(pair, digest as Digest, '1')
    const response = await pair.here.fetch('GET', '/v2/a/manifests/1')
    await expectAnswer(response, { status: 200, answers: FROM_PEER })
    expect(await pair.here.disk.get(digest as Digest)).toBeDefined()
  })

  it('is not found where its bytes were lost and nobody has them', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a')
    await listWithoutBytes(pair, digest as Digest, '1')
    await pair.peer.disk.delete(digest as Digest)
    const response = await pair.here.fetch('GET', '/v2/a/manifests/1')
    await expectAnswer(response, { status: 404, error: 'MANIFEST_UNKNOWN' })
  })
})

/** As after a push, a restart, and the loss of the file. */
async function listWithoutBytes({ here, peer }: Pair, digest: Digest, tag: string): Promise<void> {
  const content = (await peer.disk.get(digest))!
  const manifest = parseManifest(await new Response(content.stream()).bytes(), undefined)
  await here.store.catalog.transaction(async (queries) => {
    await queries.repositories.add('a')
    await queries.blobs.add(digest, content.size)
    await queries.manifests.put('a', digest, manifest)
    await queries.tags.put('a', tag, digest, 0)
  })
}

describe('referrers', () => {
  it('of peers are listed with those from here', async () => {
    await using pair = await openPair()
    const subject = await pushImage(pair.here, 'a')
    await pushImage(pair.here, 'a', { subject, annotations: { by: 'here' } })
    await pushImage(pair.peer, 'a', { subject, annotations: { by: 'peer' } })
    const response = await pair.here.fetch('GET', `/v2/a/referrers/${subject.digest}`)
    const { manifests } = (await response.json()) as { manifests: { annotations: { by: string } }[] }
    expect(manifests.map(({ annotations }) => annotations.by).sort()).toEqual(['here', 'peer'])
  })

  it('are asked for with the first page only', async () => {
    await using pair = await openPair()
    await pair.here.fetch('GET', `/v2/a/referrers/${DIGEST}?last=${DIGEST}`)
    expect(pair.asked).toEqual([])
  })
})

describe('a pull for a mirror', () => {
  const PATH = `/v2/a/blobs/${DIGEST}?ns=upstream.example`

  it('is kept under the host that it stands in for', async () => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'a', CONTENT)
    const answers = { ...FROM_PEER, 'OCI-Namespace': 'upstream.example' }
    await expectAnswer(await pair.here.fetch('GET', PATH), { status: 200, answers })
    expect(pair.asked).toEqual([{ what: 'blob', repository: 'upstream.example/a', key: DIGEST }])
    await expectAnswer(await pair.here.fetch('GET', PATH), { status: 200, answers: FROM_DISK })
  })

  it('does not hide a repository that is here without the host', async () => {
    await using pair = await openPair()
    await pushBlob(pair.peer, 'a', CONTENT)
    await pushImage(pair.here, 'a', { tag: '1' })
    await expectAnswer(await pair.here.fetch('GET', PATH), {
      status: 200,
      answers: { 'OCI-Namespace': null },
    })
    await expectAnswer(await pair.here.fetch('GET', '/v2/a/manifests/1?ns=upstream.example'), { status: 200 })
    expect(pair.asked.map(({ repository }) => repository)).toEqual(['a'])
  })

  it.each(['localhost:5000', 'Upper.example', '../../../..'])(
    'is kept under the name alone for "%s"',
    async (host) => {
      await using pair = await openPair()
      await pair.here.fetch('GET', `/v2/a/blobs/${DIGEST}?ns=${encodeURIComponent(host)}`)
      expect(pair.asked.map(({ repository }) => repository)).toEqual(['a'])
    },
  )
})

describe('a registry that is read-only', () => {
  it('stores nothing here', async () => {
    await using pair = await openPair({ storage: { maintenance: { readonly: { enabled: true } } } })
    await pushBlob(pair.peer, 'a', CONTENT)
    await expectAnswer(await pair.here.fetch('GET', BLOB), { status: 404, error: 'BLOB_UNKNOWN' })
    expect(pair.asked).toEqual([])
  })
})
