import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { createSharePolicy } from '../../../../../src/core/swarm/serve/share-policy.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { digestOf, pushBlob, pushImage } from '../../../../support/push.ts'

const DIGEST = digestOf('content') as Digest

const sharingOf = (registry: InMemoryRegistry, allow: string[], deny: string[] = []) =>
  createSharePolicy({ allow, deny }, registry.store.catalog)

describe('a repository is shared', () => {
  it.each([
    { name: 'a', allow: ['.*'], deny: [], is: true },
    { name: 'a', allow: [], deny: [], is: false },
    { name: 'a', allow: ['a'], deny: [], is: true },
    { name: 'a/b', allow: ['a'], deny: [], is: false },
    { name: 'b/a', allow: ['a'], deny: [], is: false },
    { name: 'ab', allow: ['a|ab'], deny: [], is: true },
    { name: 'xa', allow: ['a|x'], deny: [], is: false },
    { name: 'team/app', allow: ['.*'], deny: ['team/.*'], is: false },
    { name: 'steam/app', allow: ['.*'], deny: ['team/.*'], is: true },
    { name: 'a', allow: ['a', 'b'], deny: ['a'], is: false },
  ])('as $name by allow $allow and deny $deny: $is', async ({ name, allow, deny, is }) => {
    await using registry = await openInMemoryRegistry()
    expect(sharingOf(registry, allow, deny).sharesRepository(name)).toBe(is)
  })
})

describe('a digest is shared', () => {
  it('by the default rules, if it is here', async () => {
    await using registry = await openInMemoryRegistry()
    const sharing = sharingOf(registry, ['.*'])
    expect(await sharing.shares(DIGEST)).toBe(false)
    await pushBlob(registry, 'a', 'content')
    expect(await sharing.shares(DIGEST)).toBe(true)
    await registry.store.blobs.delete('a', DIGEST)
    expect(await sharing.shares(DIGEST)).toBe(false)
  })

  it('if a repository that is shared links it, as long as it does', async () => {
    await using registry = await openInMemoryRegistry()
    const sharing = sharingOf(registry, ['open'])
    await pushBlob(registry, 'closed', 'content')
    expect(await sharing.shares(DIGEST)).toBe(false)
    await pushBlob(registry, 'open', 'content')
    expect(await sharing.shares(DIGEST)).toBe(true)
    await registry.store.blobs.delete('open', DIGEST)
    expect(await sharing.shares(DIGEST)).toBe(false)
  })

  it('if a repository that is shared holds it as a manifest', async () => {
    await using registry = await openInMemoryRegistry()
    const sharing = sharingOf(registry, ['open'])
    const { digest } = await pushImage(registry, 'closed')
    expect(await sharing.shares(digest as Digest)).toBe(false)
    await pushImage(registry, 'open')
    expect(await sharing.shares(digest as Digest)).toBe(true)
  })

  it('however many repositories are not', async () => {
    await using registry = await openInMemoryRegistry()
    await pushBlob(registry, 'closed', 'content')
    const link = (name: string) => registry.store.blobs.mount(name, DIGEST, undefined)
    for (let number = 0; number < 200; number++) await link(`closed/${number}`)
    const sharing = sharingOf(registry, ['open'])
    expect(await sharing.shares(DIGEST)).toBe(false)
    await link('open')
    expect(await sharing.shares(DIGEST)).toBe(true)
  })
})
