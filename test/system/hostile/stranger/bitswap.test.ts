/**
 * Who: anybody who speaks Bitswap, as all of IPFS does.
 * Tries: to make a registry read far more into its memory than they ever take, by wanting hundreds of blocks in one
 * short message and then reading nothing.
 * Gets: one block, which waits for them for some seconds.
 */

import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leafCid } from '../../../../src/core/dag/dag.ts'
import { MIB } from '../../../support/bytes.ts'
import { startBareHelia } from '../../peers/bare-helia.ts'
import { type RegistryPeer, startRegistryPeer, until } from '../../peers/registry-peer.ts'
import { BITSWAP, wantlist } from '../support/bitswap.ts'
import { record } from '../support/figures.ts'
import { pushLeaves } from '../support/leaves.ts'
import { meetStranger } from '../support/stranger.ts'
import { watch } from '../support/watch.ts'

const LEAVES = 800

let registry: RegistryPeer
let cids: ReturnType<typeof leafCid>[]

beforeAll(async () => {
  registry = await startRegistryPeer()
  cids = (await pushLeaves(registry, 'library/app', LEAVES)).map(leafCid)
  await using ipfs = await startBareHelia()
  await ipfs.connect(await registry.peerAddress())
  await until('its leaves can be found', () => ipfs.finds(cids.at(-1)!))
})

afterAll(() => registry[Symbol.asyncDispose]())

/** Resident bytes. */
const memory = (): number =>
  1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${registry.pid}/status`, 'utf8'))![1])

/** Bytes that it has read so far, from files and from the network. */
const read = (): number => Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${registry.pid}/io`, 'utf8'))![1])

/** Wants all in one message, reads nothing, and goes away. */
async function want(strangers: number, kind: 0 | 1): Promise<void> {
  await using all = new AsyncDisposableStack()
  for (let count = 0; count < strangers; count++) {
    const stranger = all.use(await meetStranger(registry, [BITSWAP]))
    const stream = await stranger.open(BITSWAP)
    stream.send(wantlist(cids, kind))
    await stream.close()
  }
  // Long enough for a registry that would read all of it.
  const before = read()
  await until('it reads no more', async () => {
    const now = read()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    return read() - now < MIB
  })
  expect(read() - before).toBeLessThan((LEAVES / 4) * MIB)
}

test.each([1, 8])('%i who want 800 blocks and read none', async (strangers) => {
  await using watching = await watch(registry)
  await want(strangers, 0)
  const { memory: seen, latency } = await watching.end()
  record(`Bitswap: ${strangers} × 800 blocks in one message of 40 kB, nothing read`, {
    moreMiB: (seen.most - seen.before) / MIB,
    p99Ms: latency.p99,
  })
  expect(seen.most - seen.before).toBeLessThan(200 * MIB)
  await until('the memory is given back', async () => memory() - seen.before < 100 * MIB)
  record(`Bitswap: ${strangers} × 800 blocks, after`, { moreMiB: (memory() - seen.before) / MIB })
})

test('the presence of 800 blocks is answered without reading them', async () => {
  const before = read()
  await want(1, 1)
  expect(read() - before).toBeLessThan(100 * MIB)
})

test('a peer that reads the blocks gets them all', async () => {
  await using ipfs = await startBareHelia()
  await ipfs.connect(await registry.peerAddress())
  const some = cids.slice(0, 200)
  const blocks = await Promise.all(some.map((cid) => ipfs.block(cid)))
  expect(blocks.map((block) => hash('sha256', block))).toEqual(
    some.map(({ multihash }) => Buffer.from(multihash.digest).toString('hex')),
  )
})
