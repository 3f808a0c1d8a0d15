/** Peers that lie, stall or die: no reader gets a false blob to its end, nothing false is kept, and the peers are blocked. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../../../src/core/swarm/lookup/peer-backoff.ts'
import { createMemoryNetwork } from '../../../../support/memory-network.ts'
import { openReceiver, type Receiver, readUntilEnd, stored } from '../receiver.ts'
import { type Bent, bytesOf, digestOf, MIB, never, type Range, seederOf } from '../seeder.ts'

const SIZE = 5.5 * MIB
const bytes = bytesOf(SIZE)
const digest = digestOf(bytes)

const flipped = (at: number): Uint8Array => {
  const copy = bytes.slice()
  copy[at]! ^= 1
  return copy
}

async function* then(first: AsyncIterable<Uint8Array> | undefined, ...more: Uint8Array[]) {
  yield* first!
  yield* more
}

async function* endless() {
  for (;;) {
    await sleep(0)
    yield new Uint8Array(64 * 1024)
  }
}

async function* cut(source: AsyncIterable<Uint8Array>, length: number) {
  let seen = 0
  for await (const chunk of source) {
    seen += chunk.length
    if (seen > length) return
    yield chunk
  }
}

async function* stuck(source: AsyncIterable<Uint8Array>, length: number) {
  yield* cut(source, length)
  yield* never()
}

async function* dying(source: AsyncIterable<Uint8Array>) {
  yield* cut(source, MIB / 2)
  throw new Error('connection reset')
}

const LIARS: Readonly<Record<string, readonly [Fault | undefined, Bent]>> = {
  // The first, because it takes long and runs beside the others.
  drips: ['failed', { chunk: 1, pause: 20 }],
  'flips a bit in the first leaf': ['lied', { sent: flipped(5) }],
  'flips a bit in leaf 3': ['lied', { sent: flipped(3 * MIB + 5) }],
  'flips the last bit': ['lied', { sent: flipped(SIZE - 1) }],
  'has other content of the same size': ['lied', { content: bytesOf(SIZE, 7) }],
  'has content whose last byte differs': ['lied', { content: flipped(SIZE - 1) }],
  'has content whose leaf 2 differs': ['lied', { content: flipped(2 * MIB) }],
  'has shorter content': ['lied', { content: bytes.slice(0, 2 * MIB) }],
  'has longer content': ['lied', { content: bytesOf(7 * MIB) }],
  'has a part of the blob': ['lied', { content: bytes.slice(0, 1000) }],
  'has nothing': ['lied', { content: new Uint8Array() }],
  'claims another root': ['lied', { have: (offer) => ({ ...offer, root: 'bafkqaaa' }) }],
  'claims a size without bound': ['lied', { have: (offer) => ({ ...offer, size: 2 ** 52 }) }],
  // The peer isn't asked for it, so its claim isn't found to be false.
  'claims more than is believed without a manifest': [
    undefined,
    { have: (offer) => ({ ...offer, size: 2 ** 39 }) },
  ],
  'claims more than it has leaves for': ['lied', { have: (offer) => ({ ...offer, size: 2 ** 33 }) }],
  'gives leaves of another root': [
    'lied',
    { leaves: (said) => ({ ...said, value: { ...(said.value as object), root: 'x' } }) },
  ],
  'gives leaves without end': ['lied', { leaves: (said) => ({ ...said, body: endless() }) }],
  'gives too few leaves': ['failed', { leaves: (said) => ({ ...said, body: cut(said.body!, 10) }) }],
  'never ends its leaves': ['failed', { leaves: (said) => ({ ...said, body: never() }) }],
  'never answers for leaves': ['failed', { leaves: () => new Promise(() => {}) }],
  'answers garbage for leaves': ['failed', { leaves: () => ({ value: 'garbage' }) }],
  'answers garbage': ['failed', { have: () => 'garbage' }],
  'answers with too many offers': ['failed', { have: () => [1, 2, 3] }],
  'sends more than was requested': [
    'lied',
    { range: (_, said) => ({ ...said, body: then(said.body, new Uint8Array(1)) }) },
  ],
  'sends without end': ['lied', { range: (_, said) => ({ ...said, body: endless() }) }],
  'sends the same range always': ['lied', { range: shifted }],
  'sends too little': ['failed', { range: (_, said) => ({ ...said, body: cut(said.body!, MIB / 2) }) }],
  'sends nothing': ['failed', { range: (_, said) => ({ ...said, body: never() }) }],
  'stalls in the middle': [
    'failed',
    { range: (_, said) => ({ ...said, body: stuck(said.body!, 1.2 * MIB) }) },
  ],
  'never answers for ranges': ['failed', { range: () => new Promise(() => {}) }],
  'refuses ranges': ['failed', { range: () => ({ value: null }) }],
  'breaks off': ['failed', { range: (_, said) => ({ ...said, body: dying(said.body!) }) }],
  'offers another size for ranges': [
    'failed',
    { range: (_, said) => ({ ...said, value: { size: 1, length: 1 } }) },
  ],
}

function shifted({ end, start }: Range) {
  return { value: { size: SIZE, length: end - start + 1 }, body: piece(0, end - start + 1) }
}

async function* piece(start: number, length: number) {
  yield bytes.slice(start, start + length)
}

/** The reader has the whole blob, or less than all of what was claimed. */
function expectNoFalseEnd({ bytes: read, error }: Awaited<ReturnType<typeof readUntilEnd>>, size: number) {
  if (!error) expect(Buffer.compare(read, bytes)).toBe(0)
  else expect(read.length).toBeLessThan(size)
}

async function expectNothingFalse(receiver: Receiver) {
  const { blobs } = await stored(receiver)
  for (const blob of blobs) expect(blob).toBe(digest)
  const content = await receiver.disk.get(digest)
  if (content) expect(Buffer.compare((await readUntilEnd(content.stream())).bytes, bytes)).toBe(0)
}

/** Each test uses the `onTestFinished` of its context, as the imported one belongs to the test that began last. */
describe.concurrent.each(Object.entries(LIARS))('a peer that %s', (_, [fault, bent]) => {
  it('gives no blob when it is the only one', async ({ onTestFinished }) => {
    const network = createMemoryNetwork()
    network.join('liar', seederOf(bytes, digest, bent).answer)
    const receiver = await openReceiver(network.join('me'))
    onTestFinished(() => receiver.downloads.close())
    const download = await receiver.downloads.fetch('a', digest)
    if (download) {
      expectNoFalseEnd(await readUntilEnd(download.stream()), download.size)
      await expect(download.done).rejects.toThrow()
    }
    await receiver.downloads.close()
    expect(receiver.backoff.blockOf('liar')?.fault).toBe(fault)
    expect((await stored(receiver)).blobs).toEqual([])
  })

  it('does no harm beside an honest one that answers later', async ({ onTestFinished }) => {
    const network = createMemoryNetwork()
    network.join('liar', seederOf(bytes, digest, bent).answer)
    const honest = seederOf(bytes, digest)
    const late: typeof honest.answer = async (...asked) => {
      await sleep(20)
      return honest.answer(...asked)
    }
    network.join('honest', late)
    const receiver = await openReceiver(network.join('me'))
    onTestFinished(() => receiver.downloads.close())
    const download = (await receiver.downloads.fetch('a', digest))!
    expectNoFalseEnd(await readUntilEnd(download.stream()), download.size)
    await download.done
    await expectNothingFalse(receiver)
    expect((await stored(receiver)).uploads).toEqual([])
    expect((await receiver.store.blobs.get('a', digest))!.size).toBe(SIZE)
    expect(receiver.backoff.blockOf('honest')).toBeUndefined()
    expect(await receiver.store.catalog.leaves.get(digest)).toHaveLength(6 * 32)
  })

  it('does no harm beside two that answer sooner', async ({ onTestFinished }) => {
    const network = createMemoryNetwork()
    for (const peer of ['one', 'two']) network.join(peer, seederOf(bytes, digest).answer)
    const liar = seederOf(bytes, digest, bent)
    network.join('liar', async (...asked) => {
      await sleep(5)
      return liar.answer(...asked)
    })
    const receiver = await openReceiver(network.join('me'))
    onTestFinished(() => receiver.downloads.close())
    const download = (await receiver.downloads.fetch('a', digest))!
    const read = await readUntilEnd(download.stream())
    expect(read.error).toBeUndefined()
    expectNoFalseEnd(read, SIZE)
    await download.done
    await expectNothingFalse(receiver)
  })
})
