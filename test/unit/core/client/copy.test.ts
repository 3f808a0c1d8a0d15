import { describe, expect, it } from 'vitest'
import { type Client, createClient } from '../../../../src/core/client/client.ts'
import { type BlobProgress, copyImage } from '../../../../src/core/client/copy-image.ts'
import { createFetch } from '../../../../src/core/http/fetch.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import {
  type InMemoryRegistry,
  ORIGIN,
  openInMemoryRegistry,
  type Settings,
} from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob, pushImage, pushIndex, pushManifest } from '../../../support/push.ts'

interface Side {
  readonly registry: InMemoryRegistry
  readonly client: Client
  /** Method, path and bytes of the body of all that was asked. */
  readonly asked: (readonly [method: string, path: string, bytes: number])[]
}

async function openSide(settings?: Settings): Promise<Side> {
  const registry = await openInMemoryRegistry(settings)
  const fetch = createFetch(registry.registry)
  const asked: Side['asked'] = []
  const client = createClient({
    base: ORIGIN,
    async fetch(request) {
      const { method, url } = request
      const body = request.body ? await request.blob() : undefined
      asked.push([method, new URL(url).pathname, body?.size ?? 0])
      const headers = new Headers(request.headers)
      if (body) headers.set('content-length', String(body.size))
      return fetch(new Request(url, { method, headers, body: body ?? null, signal: request.signal }))
    },
  })
  return { registry, client, asked }
}

const LAYER = 'layer '.repeat(1000)

/** Two platforms, one of them signed, the index with an SBOM. */
async function pushSigned({ registry }: Side) {
  const layer = await pushBlob(registry, 'app', LAYER)
  const image = await pushImage(registry, 'app', { layers: [layer] })
  const other = await pushImage(registry, 'app', { annotations: { for: 'another platform' } })
  const index = await pushIndex(registry, 'app', [image, other], { tag: '1' })
  const signature = await pushImage(registry, 'app', { subject: image, artifactType: 'signature' })
  const sbom = await pushImage(registry, 'app', { subject: index, artifactType: 'sbom' })
  const signed = await pushImage(registry, 'app', { subject: sbom, artifactType: 'signature' })
  return { image, index, referrers: [signature, sbom, signed] }
}

const APP = { repository: 'app', reference: '1' }

describe('a copy', () => {
  it('is the same image under another name, with what refers to it where that is wanted', async () => {
    const [from, to] = [await openSide(), await openSide()]
    const { index, referrers } = await pushSigned(from)
    const target = { client: to.client, repository: 'team/app', tag: 'stable' }
    expect(await copyImage({ client: from.client, ...APP }, target)).toBe(index.digest)
    expect((await to.client.getManifest('team/app', 'stable'))?.digest).toBe(index.digest)
    expect(await to.client.referrers('team/app', index.digest as Digest)).toEqual([])

    await copyImage({ client: from.client, ...APP }, target, { referrers: true })
    for (const { digest } of referrers)
      expect((await to.client.getManifest('team/app', digest))?.digest).toBe(digest)
    expect(await to.client.referrers('team/app', index.digest as Digest)).toHaveLength(1)
  })

  it('sends what is missing there, in chunks, and tells how far it is', async () => {
    const [from, to] = [await openSide(), await openSide()]
    await pushSigned(from)
    await pushBlob(to.registry, 'other', '{}', 'application/vnd.oci.image.config.v1+json')
    const progress: BlobProgress[] = []
    const needed: string[] = []
    await copyImage(
      { client: from.client, ...APP },
      { client: to.client, repository: 'app' },
      {
        chunk: 2500,
        onBlobs: (blobs) => needed.push(...blobs.map(({ digest }) => digest)),
        onProgress: (blob) => progress.push(blob),
      },
    )
    const layer = progress.filter(({ digest }) => digest === digestOf(LAYER))
    expect(layer.map(({ done }) => done)).toEqual([2500, 5000, 6000, 6000])
    expect(layer.at(-1)!.state).toBe('done')
    expect(new Set(progress.map(({ digest }) => digest))).toEqual(new Set(needed))
    const sent = to.asked.filter(([method]) => method === 'PATCH').map(([, , bytes]) => bytes)
    expect(sent).toEqual([2500, 2500])
    to.asked.length = 0
    await copyImage({ client: from.client, ...APP }, { client: to.client, repository: 'app' })
    expect(to.asked.filter(([method]) => method === 'PATCH' || method === 'POST')).toEqual([])
  })

  it('within one registry moves no bytes', async () => {
    const side = await openSide()
    const { index } = await pushSigned(side)
    const { client } = side
    await copyImage({ client, ...APP }, { client, repository: 'team/app', tag: '2' })
    expect((await client.getManifest('team/app', '2'))?.digest).toBe(index.digest)
    expect(side.asked.filter(([method, path]) => method === 'PATCH' || /\/blobs\/sha256/.test(path))).toEqual(
      [],
    )
  })

  it('says what is missing, and leaves no upload behind', async () => {
    const [from, to] = [await openSide(), await openSide()]
    await pushSigned(from)
    const target = { client: to.client, repository: 'app', tag: '1' }
    await expect(
      copyImage({ client: from.client, repository: 'app', reference: '2' }, target),
    ).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN', message: 'the registry has no app:2' })

    const ending = new AbortController()
    const cancelled = copyImage({ client: from.client, ...APP }, target, {
      chunk: 1000,
      signal: ending.signal,
      onProgress: ({ done }) => done === 2000 && ending.abort(),
    })
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' })
    expect(await Array.fromAsync(to.registry.disk.uploads())).toEqual([])
  })

  it('resumes within a blob, and cancels uploads that it cannot resume', async () => {
    const [from, to] = [await openSide(), await openSide()]
    await pushSigned(from)
    const target = { client: to.client, repository: 'app', tag: '1' }
    const unfinished = new Map<string, string>()
    const copyUntil = (done: number) => {
      const ending = new AbortController()
      return copyImage({ client: from.client, ...APP }, target, {
        chunk: 1000,
        unfinished,
        signal: ending.signal,
        onProgress: (blob) => blob.digest === digestOf(LAYER) && blob.done === done && ending.abort(),
      })
    }
    await expect(copyUntil(2000)).rejects.toMatchObject({ name: 'AbortError' })
    expect([...unfinished.keys()]).toEqual([digestOf(LAYER)])
    await expect(copyUntil(4000)).rejects.toMatchObject({ name: 'AbortError' })
    await copyUntil(-1)
    const sent = to.asked.filter(([method, , bytes]) => method !== 'POST' && bytes === 1000)
    expect(sent).toHaveLength(6)
    expect(unfinished.size).toBe(0)

    const fresh = await openSide()
    const ending = new AbortController()
    const again = copyImage(
      { client: from.client, ...APP },
      { ...target, client: fresh.client },
      {
        chunk: 1000,
        unfinished,
        signal: ending.signal,
        onProgress: ({ done }) => done === 2000 && ending.abort(),
      },
    )
    await expect(again).rejects.toMatchObject({ name: 'AbortError' })
    expect(await Array.fromAsync(fresh.registry.disk.uploads())).toHaveLength(1)
    await fresh.client.dropUploads(unfinished)
    expect(await Array.fromAsync(fresh.registry.disk.uploads())).toEqual([])
  })

  it('takes what an index names without a type for what it is', async () => {
    const [from, to] = [await openSide(), await openSide()]
    const hidden = { ...(await pushImage(from.registry, 'cache')), mediaType: '' }
    const blob = { ...(await pushBlob(from.registry, 'cache', 'bytes')), mediaType: '' }
    await pushIndex(from.registry, 'cache', [hidden, blob], { tag: '1' })
    await copyImage(
      { client: from.client, repository: 'cache', reference: '1' },
      { client: to.client, repository: 'cache', tag: '1' },
    )
    expect((await to.client.getManifest('cache', hidden.digest))?.digest).toBe(hidden.digest)
    expect(await to.client.blobSize('cache', blob.digest as Digest)).toBe(5)
  })

  it('leaves out layers that come from another address', async () => {
    const settings = { validation: { manifests: { urls: { allow: ['^https:'] } } } }
    const [from, to] = [await openSide(settings), await openSide(settings)]
    const config = await pushBlob(from.registry, 'app', '{}', 'application/vnd.oci.image.config.v1+json')
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: digestOf('elsewhere'),
      size: 9,
      urls: ['https://elsewhere.example/layer'],
    }
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
    await pushManifest(from.registry, 'app', { schemaVersion: 2, mediaType, config, layers: [foreign] }, '1')
    await copyImage({ client: from.client, ...APP }, { client: to.client, repository: 'app', tag: '1' })
    expect((await to.client.getManifest('app', '1'))?.mediaType).toBe(mediaType)
  })
})
