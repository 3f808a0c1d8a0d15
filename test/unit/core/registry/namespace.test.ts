import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob, pushImage } from '../../../support/push.ts'

const NAMESPACE = { 'OCI-Namespace': 'upstream.example' }

let registry: InMemoryRegistry

beforeEach(async () => {
  registry = await openInMemoryRegistry()
  onTestFinished(() => registry.close())
  await pushImage(registry, 'a', { tag: 'own' })
  for (const tag of ['1', '2']) await pushImage(registry, 'upstream.example/a', { tag })
  await pushBlob(registry, 'upstream.example/a', 'mirrored')
})

const get = (path: string) => registry.fetch('GET', path)

describe('a pull that names the registry it is meant for', () => {
  it('reads what is kept under that host', async () => {
    await expectAnswer(await get('/v2/a/manifests/1?ns=upstream.example'), {
      status: 200,
      answers: NAMESPACE,
    })
    await expectAnswer(await get('/v2/a/manifests/own?ns=upstream.example'), { status: 404 })
    const blob = `/v2/a/blobs/${digestOf('mirrored')}`
    await expectAnswer(await get(`${blob}?ns=upstream.example`), { status: 200, answers: NAMESPACE })
    await expectAnswer(await get(blob), { status: 404 })
    const referrers = await get(`/v2/a/referrers/${digestOf('')}?ns=upstream.example`)
    await expectAnswer(referrers, { status: 200, answers: NAMESPACE })
  })

  it('lists the tags there, to the last page', async () => {
    const tags: string[] = []
    for (let next: string | undefined = '/v2/a/tags/list?n=1&ns=upstream.example'; next; ) {
      const response = await get(next)
      expect(response.headers.get('oci-namespace')).toBe('upstream.example')
      tags.push(...((await response.json()) as { tags: string[] }).tags)
      next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
    }
    expect(tags).toEqual(['1', '2'])
  })

  it.each(['', 'unknown.example', '../../../..', '%00'])(
    'reads the repository itself for "%s"',
    async (host) => {
      const response = await get(`/v2/a/manifests/own?ns=${host}`)
      await expectAnswer(response, { status: 200, answers: { 'OCI-Namespace': null } })
    },
  )
})
