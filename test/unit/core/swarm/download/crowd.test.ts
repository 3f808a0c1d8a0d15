import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createRequestHandler } from '../../../../../src/core/swarm/serve/handler.ts'
import { createSharePolicy } from '../../../../../src/core/swarm/serve/share-policy.ts'
import { SLOTS_PER_BLOB } from '../../../../../src/core/swarm/serve/slots.ts'
import {
  createMemoryNetwork,
  type MemoryNetwork,
  type TestHandler,
} from '../../../../support/memory-network.ts'
import { PATIENCE } from '../../../../support/patience.ts'
import { fetched, openReceiver, type Receiver, readAll, stored } from '../receiver.ts'
import { bytesOf, digestOf, MIB, type Seeder, seederOf } from '../seeder.ts'

const bytes = bytesOf(6.5 * MIB)
const digest = digestOf(bytes)

interface Member extends Receiver {
  readonly name: string
}

/** Peers that download blobs and serve them to others. */
async function crowdIn(network: MemoryNetwork, count: number, stall = 5000): Promise<Member[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => join(network, `member ${index}`, stall)))
}

async function join(network: MemoryNetwork, name: string, stall: number): Promise<Member> {
  let answer: TestHandler = () => ({ value: null })
  const asPeer: TestHandler = (...asked) => answer(...asked)
  const receiver = await openReceiver(network.join(name, asPeer), { stall, timeout: 5000 })
  onTestFinished(() => receiver.downloads.close())
  const { disk, store, downloads } = receiver
  answer = createRequestHandler({
    disk,
    catalog: store.catalog,
    sharing: createSharePolicy({ allow: ['.*'], deny: [] }, store.catalog),
    underWay: (digest) => downloads.underWay(digest, () => true),
    signTag: async () => undefined,
    sign: async () => '',
    trust: { isTrusted: () => false },
  })
  return { ...receiver, name }
}

/** A peer that has downloaded the blob already. */
async function providerIn(network: MemoryNetwork, count: number): Promise<Member> {
  const seeder = seederOf(bytes, digest)
  network.join('source', seeder.answer)
  const [provider] = await crowdIn(network, count)
  await get(provider!)
  network.kill('source')
  return provider!
}

async function get(member: Member): Promise<void> {
  const download = await fetched(member, digest)
  expect(Buffer.compare(await readAll(download.stream()), bytes)).toBe(0)
  await download.done
}

async function sentBy(peer: string, members: readonly Member[]): Promise<number> {
  const origins = await Promise.all(members.map(({ store }) => store.catalog.sources.of(digest)))
  return origins
    .flat()
    .filter((origin) => origin.peer === peer)
    .reduce((sum, { bytes }) => sum + bytes, 0)
}

it('a blob reaches a crowd that wants it at once, though its provider sends it to a few', async () => {
  const network = createMemoryNetwork()
  const provider = await providerIn(network, 1)
  const crowd = await Promise.all(
    Array.from({ length: 12 }, (_, index) => join(network, `one ${index}`, 5000)),
  )
  await Promise.all(crowd.map(get))
  const sent = await sentBy(provider.name, crowd)
  expect(sent).toBeGreaterThanOrEqual(bytes.length)
  expect(sent).toBeLessThanOrEqual(2 * SLOTS_PER_BLOB * bytes.length)
  for (const member of crowd) {
    expect(await stored(member)).toEqual({ blobs: [digest], uploads: [] })
    for (const other of crowd) expect(member.backoff.blockOf(other.name)).toBeUndefined()
  }
})

it('a blob reaches the rest of a crowd when some peers of it die', async () => {
  const network = createMemoryNetwork()
  const provider = await providerIn(network, 1)
  const crowd = await Promise.all(
    Array.from({ length: 9 }, (_, index) => join(network, `one ${index}`, 5000)),
  )
  const getting = crowd.map((member) => get(member).catch((error) => error))
  await vi.waitFor(() => expect(network.requests).toContain(`range ${provider.name}`), {
    ...PATIENCE,
    interval: 1,
  })
  for (const { name } of crowd.slice(0, 3)) network.kill(name)
  for (const outcome of (await Promise.all(getting)).slice(3)) expect(outcome).toBeUndefined()
})

it('peers that were lied to are not blamed', async () => {
  const network = createMemoryNetwork()
  const false_ = bytes.slice()
  false_[5]! ^= 1
  const liar: Seeder = seederOf(bytes, digest, { content: false_ })
  network.join('liar', liar.answer)
  const crowd = await crowdIn(network, 5)
  const found = await Promise.all(crowd.map(({ downloads }) => downloads.fetch('a', digest)))
  await Promise.all(found.map((download) => expect(download?.done ?? Promise.reject()).rejects.toBeDefined()))
  for (const member of crowd) {
    expect(member.backoff.blockOf('liar')?.fault).toBe('lied')
    for (const { name } of crowd) expect(member.backoff.blockOf(name)?.fault).not.toBe('lied')
    expect((await stored(member)).blobs).toEqual([])
  }
})

it('a blob is fetched without a slot if none is ever granted', async () => {
  const network = createMemoryNetwork()
  const seeder = seederOf(bytes, digest)
  network.join('busy', (question: { ask: string }, ...rest) => {
    if (question.ask !== 'turn') return seeder.answer(question as never, ...rest)
    return { value: { offer: { size: bytes.length }, instead: ['nobody'] }, body: zeros() }
  })
  const [member] = await crowdIn(network, 1, 400)
  await get(member!)
  expect(seeder.given).toBe(bytes.length)
})

async function* zeros() {
  for (;;) {
    yield new Uint8Array(4)
    await sleep(50)
  }
}
