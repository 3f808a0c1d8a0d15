/** What peers of IPFS are sent, field by field: Kubo 0.34 stops at a message that others read well. */
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, it } from 'vitest'
import {
  BITSWAP,
  encodeLength,
  encodeWant,
  fieldsOf,
} from '../../../../../src/core/libp2p/bitswap/message.ts'
import { createReceiver } from '../../../../../src/core/libp2p/stream.ts'
import { readWhole } from '../../../../../src/core/swarm/protocol/frame.ts'
import { openTestPeer, swarmSettings } from '../peers.ts'

const WANTLIST = 1
const PAYLOAD = 3
const PRESENCES = 4

const block = Uint8Array.of(1, 2, 3)
const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  create(0x12, new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
const here = CID.createV1(0x55, await sha256(block))
const absent = CID.createV1(0x55, await sha256(Uint8Array.of(4)))

/** The numbers of the fields of the first message that comes back. */
async function fieldsOfAnswer(wants: Uint8Array): Promise<number[]> {
  const blockstore = new MemoryBlockstore()
  await blockstore.put(here, block)
  const registry = await openTestPeer({ blockstore })
  const asking = await openTestPeer({ settings: swarmSettings({ bitswap: false }) })
  const { libp2p } = asking.helia
  try {
    const answer = Promise.withResolvers<Uint8Array>()
    await libp2p.handle(BITSWAP, async (stream) => {
      const receiver = createReceiver(stream, 1024)
      const [length] = (await receiver.read(1))!
      answer.resolve(await readWhole(receiver, length!))
    })
    const connection = await libp2p.dial(registry.helia.libp2p.getMultiaddrs())
    const stream = await connection.newStream(BITSWAP)
    stream.send(Buffer.concat([encodeLength(wants.length), wants]))
    return [...fieldsOf(await answer.promise)].map(({ number }) => number)
  } finally {
    await Promise.all([registry.close(), asking.close()])
  }
}

it.each([
  ['a block', encodeWant(here.bytes), [WANTLIST, PAYLOAD]],
  ['that a block is not there', encodeWant(absent.bytes), [WANTLIST, PRESENCES]],
  ['both', Buffer.concat([encodeWant(absent.bytes), encodeWant(here.bytes)]), [WANTLIST, PRESENCES, PAYLOAD]],
])('a list of wants stands in a message that brings %s', async (_, wants, fields) => {
  expect(await fieldsOfAnswer(wants)).toEqual(fields)
})
