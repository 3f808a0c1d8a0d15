import { afterEach, describe, expect, it } from 'vitest'
import { type Catalog, openCatalog } from '../../../../src/core/catalog/catalog.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { createPeerBackoff, type PeerBackoff } from '../../../../src/core/swarm/lookup/peer-backoff.ts'
import { createTrust } from '../../../../src/core/swarm/lookup/trust.ts'
import type { Network, PeerId } from '../../../../src/core/swarm/ports.ts'
import type { TagRecord } from '../../../../src/core/swarm/protocol/messages.ts'
import { newNonce } from '../../../../src/core/swarm/protocol/nonce.ts'
import { isStatedBy, signStatement, tagStatement } from '../../../../src/core/swarm/protocol/statements.ts'
import { createTags, type Tags } from '../../../../src/core/swarm/tags.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../../support/memory-network.ts'
import { digestOf } from '../../../support/push.ts'

const ONE = digestOf('one') as Digest
const TWO = digestOf('two') as Digest
const NOW = Date.now()

interface Setting {
  readonly network: MemoryNetwork
  readonly backoff: PeerBackoff
  readonly catalog: Catalog
  readonly tags: Tags
}

const opened: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

/** A peer `here` that trusts these; with a `key`, its swarm is private. `before`: the same one, started again. */
async function open(
  { trust = [], key }: { trust?: PeerId[]; key?: string },
  before?: Pick<Setting, 'catalog'>,
): Promise<Setting> {
  const network = createMemoryNetwork()
  const backoff = createPeerBackoff()
  const catalog = before?.catalog ?? (await openEmptyCatalog())
  const tags = createTags({
    network: network.join('here'),
    backoff,
    trust: createTrust({ trust, key }),
    catalog,
    settings: { timeout: 1000 },
    log: silentLog,
  })
  return { network, backoff, catalog, tags }
}

async function openEmptyCatalog(): Promise<Catalog> {
  const database = await openSqliteInMemory()
  opened.push(() => database.close())
  return openCatalog(database)
}

const find = ({ tags }: Setting) => tags.find('a', '1', { signal: AbortSignal.timeout(5000) })

interface TagQuestion {
  readonly repository: string
  readonly tag: string
  readonly nonce: string
}

/** What `signer` signs for this question, or for one that differs from it, changed afterwards. */
async function recordOf(
  signer: Network,
  { nonce, ...named }: TagQuestion,
  fields: Partial<TagRecord> = {},
  changes: object = {},
): Promise<TagRecord> {
  const record = { digest: ONE, taggedAt: NOW, ...fields }
  const signature = await signStatement(signer, tagStatement(nonce, { ...named, ...record }))
  return { ...record, signature, ...changes }
}

/** A peer that answers with a record of its own. */
function joinHolder(
  { network }: Pick<Setting, 'network'>,
  peer: PeerId,
  fields?: Partial<TagRecord>,
  changes?: object,
  asIf: Partial<TagQuestion> = {},
): Network {
  const provider: Network = network.join(peer, async (question: TagQuestion) => ({
    value: { record: await recordOf(provider, { ...question, ...asIf }, fields, changes) },
  }))
  return provider
}

describe('a tag', () => {
  it('is believed of a peer that is trusted', async () => {
    const setting = await open({ trust: ['friend'] })
    joinHolder(setting, 'friend')
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'friend' })
  })

  it('is not requested from others', async () => {
    const setting = await open({ trust: ['friend'] })
    joinHolder(setting, 'stranger')
    expect(await find(setting)).toBeUndefined()
    expect(setting.network.requests).toEqual([])
  })

  it('is believed of everybody in a private swarm', async () => {
    const setting = await open({ key: 'swarm.key' })
    joinHolder(setting, 'anybody')
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'anybody' })
  })

  it.each([
    [['first', 'second'], 'second'],
    [['second', 'first'], 'second'],
  ])('is the newest one, of %j', async (order, winner) => {
    const setting = await open({ trust: order })
    const taggedAt = { first: NOW - 1, second: NOW }
    const digest = { first: ONE, second: TWO }
    for (const peer of order as ('first' | 'second')[])
      joinHolder(setting, peer, { taggedAt: taggedAt[peer], digest: digest[peer] })
    expect(await find(setting)).toMatchObject({ digest: TWO, peer: winner })
  })

  it('of the same moment is the same one, whichever peer responds first', async () => {
    const setting = await open({ trust: ['one', 'two'] })
    joinHolder(setting, 'two', { digest: TWO })
    joinHolder(setting, 'one', { digest: ONE })
    const [winner] = [ONE, TWO].sort()
    expect(await find(setting)).toMatchObject({ digest: winner })
  })

  it('from too far in the future is not taken, and a little is', async () => {
    const setting = await open({ trust: ['wrong', 'right'] })
    joinHolder(setting, 'wrong', { taggedAt: Date.now() + 6 * 60_000 })
    joinHolder(setting, 'right', { taggedAt: Date.now() + 60_000, digest: TWO })
    expect(await find(setting)).toMatchObject({ digest: TWO, peer: 'right' })
  })
})

describe('a record that does not hold', () => {
  it.each<[string, Partial<TagRecord>, object, Partial<TagQuestion>?]>([
    ['another digest than was signed', {}, { digest: TWO }],
    ['another time than was signed', {}, { taggedAt: NOW + 1 }],
    ['another repository', {}, {}, { repository: 'b' }],
    ['another tag', {}, {}, { tag: '2' }],
    ['the nonce of another question', {}, {}, { nonce: newNonce() }],
    ['a signature of something else', {}, { signature: Buffer.alloc(64).toString('base64url') }],
    ['a signature that is none', {}, { signature: '%%%' }],
    ['an empty signature', {}, { signature: '' }],
  ])('is not believed, and its giver put aside: %s', async (_, fields, changes, asIf) => {
    const setting = await open({ trust: ['liar'] })
    joinHolder(setting, 'liar', fields, changes, asIf)
    expect(await find(setting)).toBeUndefined()
    expect(setting.backoff.blockOf('liar')?.fault).toBe('lied')
  })

  it.each(['friend', 'here'])('is not believed from a peer that passes it on: signed by %s', async (peer) => {
    const setting = await open({ trust: ['friend', 'here', 'messenger'] })
    const signer = peer === 'here' ? setting.network.join('here') : setting.network.join('friend')
    setting.network.join('messenger', async (question: TagQuestion) => ({
      value: { record: await recordOf(signer, question) },
    }))
    expect(await find(setting)).toBeUndefined()
  })

  it('is not believed a second time', async () => {
    const setting = await open({ trust: ['friend'] })
    let record: TagRecord | undefined
    const friend: Network = setting.network.join('friend', async (question: TagQuestion) => {
      record ??= await recordOf(friend, question)
      return { value: { record } }
    })
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'friend' })
    expect(await find(setting)).toBeUndefined()
  })

  it.each([undefined, null, {}, { record: 1 }, { record: {} }, { record: { digest: 'x' } }])(
    'leaves the answer to others: %j',
    async (value) => {
      const setting = await open({ trust: ['odd', 'friend'] })
      setting.network.join('odd', () => ({ value: value ?? 0 }))
      joinHolder(setting, 'friend')
      expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'friend' })
    },
  )
})

describe('a peer that does not respond', () => {
  it('is not waited for longer than is configured', async () => {
    const setting = await open({ trust: ['silent', 'friend'] })
    setting.network.join('silent', () => new Promise(() => {}))
    joinHolder(setting, 'friend')
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'friend' })
  })

  it('cannot send more than its response', async () => {
    const setting = await open({ trust: ['endless'] })
    let ended = false
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(1024)
      } finally {
        ended = true
      }
    }
    const provider: Network = setting.network.join('endless', async (question: TagQuestion) => {
      const body = endless()
      await body.next()
      return { value: { record: await recordOf(provider, question) }, body }
    })
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'endless' })
    expect(ended).toBe(true)
  })
})

describe('a tag that was seen before', () => {
  const old = { digest: ONE, taggedAt: NOW - 1 }
  const newest = { digest: TWO, taggedAt: NOW }

  /** Both were there once; since then the one with the newest is away. */
  async function openWithoutNewest(trusting: { trust?: PeerId[]; key?: string }, later = trusting) {
    const before = await open(trusting)
    joinHolder(before, 'second', newest)
    expect(await find(before)).toMatchObject({ digest: TWO, peer: 'second' })
    const setting = await open(later, before)
    joinHolder(setting, 'first', old)
    return setting
  }

  it.each([{ trust: ['first', 'second'] }, { key: 'swarm.key' }])(
    'is not given in an older form, whoever is away: %j',
    async (trusting) => {
      expect(await find(await openWithoutNewest(trusting))).toBeUndefined()
    },
  )

  it('is given again when it is set again', async () => {
    const setting = await openWithoutNewest({ trust: ['first', 'second'] })
    joinHolder(setting, 'first', { digest: ONE, taggedAt: NOW + 1 })
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'first' })
  })

  it('is forgotten when its peer is no longer trusted', async () => {
    const setting = await openWithoutNewest({ trust: ['first', 'second'] }, { trust: ['first'] })
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'first' })
  })

  it('binds no other tag', async () => {
    const setting = await openWithoutNewest({ trust: ['first', 'second'] })
    const options = { signal: AbortSignal.timeout(5000) }
    expect(await setting.tags.find('a', '2', options)).toMatchObject({ digest: ONE, peer: 'first' })
    expect(await setting.tags.find('b', '1', options)).toMatchObject({ digest: ONE, peer: 'first' })
  })
})

describe('in a private swarm, a peer that somebody named', () => {
  const key = 'swarm.key'

  it('outranks all others, however new their records', async () => {
    const setting = await open({ key, trust: ['named'] })
    joinHolder(setting, 'member', { digest: TWO, taggedAt: NOW + 60_000 })
    joinHolder(setting, 'named')
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'named' })
  })

  it('does so too while it is away', async () => {
    const before = await open({ key, trust: ['named'] })
    joinHolder(before, 'named')
    await find(before)
    const setting = await open({ key, trust: ['named'] }, before)
    joinHolder(setting, 'member', { digest: TWO, taggedAt: NOW + 60_000 })
    expect(await find(setting)).toBeUndefined()
  })

  it('says nothing of the tags that it never had', async () => {
    const setting = await open({ key, trust: ['named'] })
    setting.network.join('named', () => ({ value: { record: null } }))
    joinHolder(setting, 'member')
    expect(await find(setting)).toMatchObject({ digest: ONE, peer: 'member' })
  })
})

describe('a tag of this peer', () => {
  it('is signed for any requester, with its nonce', async () => {
    const { network, ...parts } = await open({})
    const here = network.join('here')
    const tagging = async () => ({ digest: ONE, taggedAt: NOW })
    const catalog = { ...parts.catalog, shareFacts: { tagging } as never }
    const trust = createTrust({ trust: [], key: undefined })
    const tags = createTags({
      ...parts,
      network: here,
      trust,
      catalog,
      settings: { timeout: 1 },
      log: silentLog,
    })
    const nonce = newNonce()
    const { signature, ...said } = (await tags.sign('a', '1', nonce))!
    expect(said).toEqual({ digest: ONE, taggedAt: NOW })
    const isOf = (nonce: string) =>
      isStatedBy('here', tagStatement(nonce, { repository: 'a', tag: '1', ...said }), signature, here.verify)
    expect(await isOf(nonce)).toBe(true)
    expect(await isOf(newNonce())).toBe(false)
  })
})
