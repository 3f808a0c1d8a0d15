import { describe, expect, it } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import { type TagRecord, tagRecordBytes } from '../../src/core/swarm/messages.ts'
import type { Network, PeerId } from '../../src/core/swarm/ports.ts'
import { createStanding, type Standing } from '../../src/core/swarm/standing.ts'
import { createTags, type Tags } from '../../src/core/swarm/tags.ts'
import { digestOf } from '../support/push.ts'
import { createTestNetwork, nothing, type TestNetwork } from './network.ts'

const ONE = digestOf('one') as Digest
const TWO = digestOf('two') as Digest
const NOW = Date.now()

interface Setting {
  readonly network: TestNetwork
  readonly standing: Standing
  readonly tags: Tags
}

/** A peer `here` that trusts these; with a `key`, its swarm is private. */
function open({ trust = [], key }: { trust?: PeerId[]; key?: string }): Setting {
  const network = createTestNetwork()
  const standing = createStanding()
  const tags = createTags({
    network: network.join('here'),
    standing,
    catalog: { sharing: {} as never },
    settings: { trust, key, timeout: 1000 },
    log: silentLog,
  })
  return { network, standing, tags }
}

const find = ({ tags }: Setting) => tags.find('a', '1', { signal: AbortSignal.timeout(5000) })

/** A record as `signer` signs it, changed afterwards. */
async function recordOf(
  signer: Network,
  fields: Partial<TagRecord> = {},
  changes: object = {},
): Promise<TagRecord> {
  const record = { repository: 'a', tag: '1', digest: ONE, taggedAt: NOW, peer: signer.self, ...fields }
  const signature = Buffer.from(await signer.sign(tagRecordBytes(record))).toString('base64url')
  return { ...record, signature, ...changes }
}

/** A peer that answers with a record of its own. */
function joinHolder(
  { network }: Setting,
  peer: PeerId,
  fields?: Partial<TagRecord>,
  changes?: object,
): Network {
  const holder: Network = network.joinStranger(peer, async () => ({
    value: { record: await recordOf(holder, fields, changes) },
  }))
  return holder
}

describe('a tag', () => {
  it('is believed of a peer that is trusted', async () => {
    const setting = open({ trust: ['friend'] })
    joinHolder(setting, 'friend')
    expect(await find(setting)).toEqual({ digest: ONE, peer: 'friend' })
  })

  it('is not asked of others', async () => {
    const setting = open({ trust: ['friend'] })
    joinHolder(setting, 'stranger')
    expect(await find(setting)).toBeUndefined()
    expect(setting.network.questions).toEqual([])
  })

  it('is believed of everybody in a private swarm', async () => {
    const setting = open({ key: 'swarm.key' })
    joinHolder(setting, 'anybody')
    expect(await find(setting)).toEqual({ digest: ONE, peer: 'anybody' })
  })

  it.each([
    [['first', 'second'], 'second'],
    [['second', 'first'], 'second'],
  ])('is the newest one, of %j', async (order, winner) => {
    const setting = open({ trust: order })
    const taggedAt = { first: NOW - 1, second: NOW }
    const digest = { first: ONE, second: TWO }
    for (const peer of order as ('first' | 'second')[])
      joinHolder(setting, peer, { taggedAt: taggedAt[peer], digest: digest[peer] })
    expect(await find(setting)).toEqual({ digest: TWO, peer: winner })
  })

  it('of the same moment is the same one whoever answers first', async () => {
    const setting = open({ trust: ['one', 'two'] })
    joinHolder(setting, 'two', { digest: TWO })
    joinHolder(setting, 'one', { digest: ONE })
    const [winner] = [ONE, TWO].sort()
    expect(await find(setting)).toMatchObject({ digest: winner })
  })

  it('may be handed on, if its signer is trusted too', async () => {
    const setting = open({ trust: ['signer', 'messenger'] })
    const record = await recordOf(setting.network.join('signer'))
    setting.network.joinStranger('messenger', () => ({ value: { record } }))
    expect(await find(setting)).toEqual({ digest: ONE, peer: 'signer' })
  })

  it('from too far in the future is not taken, and a little is', async () => {
    const setting = open({ trust: ['wrong', 'right'] })
    joinHolder(setting, 'wrong', { taggedAt: Date.now() + 6 * 60_000 })
    joinHolder(setting, 'right', { taggedAt: Date.now() + 60_000, digest: TWO })
    expect(await find(setting)).toEqual({ digest: TWO, peer: 'right' })
  })
})

describe('a record that does not hold', () => {
  it.each<[string, Partial<TagRecord>, object]>([
    ['another digest than was signed', {}, { digest: TWO }],
    ['another time than was signed', {}, { taggedAt: NOW + 1 }],
    ['another repository', { repository: 'b' }, {}],
    ['another tag', { tag: '2' }, {}],
    ['a signature of something else', {}, { signature: Buffer.alloc(64).toString('base64url') }],
    ['a signature that is none', {}, { signature: '%%%' }],
    ['an empty signature', {}, { signature: '' }],
    ['a signer who did not sign it', {}, { peer: 'friend' }],
    ['a signer who is nobody', {}, { peer: 'nobody' }],
    ['a signer who is this peer', {}, { peer: 'here' }],
  ])('is not believed, and its giver put aside: %s', async (_, fields, changes) => {
    const setting = open({ trust: ['liar', 'friend', 'here', 'nobody'] })
    setting.network.join('friend')
    joinHolder(setting, 'liar', fields, changes)
    expect(await find(setting)).toBeUndefined()
    expect(setting.standing.asideOf('liar')?.fault).toBe('lied')
  })

  it('is not believed of a signer who is not trusted', async () => {
    const setting = open({ trust: ['messenger'] })
    const record = await recordOf(setting.network.join('stranger'))
    setting.network.joinStranger('messenger', () => ({ value: { record } }))
    expect(await find(setting)).toBeUndefined()
  })

  it.each([undefined, null, {}, { record: 1 }, { record: {} }, { record: { digest: 'x' } }])(
    'leaves the answer to others: %j',
    async (value) => {
      const setting = open({ trust: ['odd', 'friend'] })
      setting.network.joinStranger('odd', () => ({ value: value ?? 0 }))
      joinHolder(setting, 'friend')
      expect(await find(setting)).toEqual({ digest: ONE, peer: 'friend' })
    },
  )
})

describe('a peer that does not answer', () => {
  it('is not waited for longer than is configured', async () => {
    const setting = open({ trust: ['silent', 'friend'] })
    setting.network.joinStranger('silent', () => new Promise(() => {}))
    joinHolder(setting, 'friend')
    expect(await find(setting)).toEqual({ digest: ONE, peer: 'friend' })
  })

  it('does not get to send more than its answer', async () => {
    const setting = open({ trust: ['endless'] })
    let ended = false
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(1024)
      } finally {
        ended = true
      }
    }
    const holder: Network = setting.network.joinStranger('endless', async () => {
      const body = endless()
      await body.next()
      return { value: { record: await recordOf(holder) }, body }
    })
    expect(await find(setting)).toEqual({ digest: ONE, peer: 'endless' })
    expect(ended).toBe(true)
  })
})

describe('a tag of this peer', () => {
  it('is signed so that others believe it', async () => {
    const network = createTestNetwork()
    const tagging = async () => ({ digest: ONE, taggedAt: NOW })
    const here = network.join('here')
    const standing = createStanding()
    const settings = { trust: [], key: undefined, timeout: 200 }
    const catalog = { sharing: { tagging } as never }
    const tags = createTags({ network: here, standing, catalog, settings, log: silentLog })
    const record = (await tags.sign('a', '1'))!
    const friend = open({ trust: ['here'] })
    friend.network.joinStranger('here', () => ({ value: { record }, body: nothing() }))
    const { signature, ...signed } = record
    const bytes = new Uint8Array(Buffer.from(signature, 'base64url'))
    expect(await here.verify('here', tagRecordBytes(signed), bytes)).toBe(true)
    expect(signed).toEqual({ repository: 'a', tag: '1', digest: ONE, taggedAt: NOW, peer: 'here' })
  })
})
