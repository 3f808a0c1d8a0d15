/** Random swarms: whatever peers do, a reader gets the right bytes or an error, and nothing false is kept. */
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryNetwork } from '../../../support/memory-network.ts'
import { openReceiver, readUntilEnd, stored } from './receiver.ts'
import { type Bent, bytesOf, digestOf, MIB, never, seederOf } from './seeder.ts'

async function* first(
  source: AsyncIterable<Uint8Array>,
  length: number,
  end: () => AsyncIterable<Uint8Array>,
) {
  let left = length
  for await (const chunk of source) {
    if (chunk.length > left) return yield* end()
    left -= chunk.length
    yield chunk
  }
}

const broken = (): AsyncIterable<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.error(new Error('connection lost')) })

async function* nothing() {}

const ENDS = { broken, never, nothing }

const flip = (bytes: Uint8Array, at: number) => {
  const copy = bytes.slice()
  if (copy.length > 0) copy[at % copy.length]! ^= 1
  return copy
}

const peers = fc.array(
  fc.record({
    behaviour: fc.constantFrom('honest', 'flips', 'other', 'shorter', 'longer', 'cuts', 'dies'),
    at: fc.nat(4 * MIB),
    end: fc.constantFrom('broken', 'never', 'nothing'),
    chunk: fc.constantFrom(10_000, 65_536, MIB, 3 * MIB),
    pause: fc.constantFrom(0, 0, 1, 10),
    delay: fc.constantFrom(0, 0, 5, 30),
  }),
  { minLength: 1, maxLength: 5 },
)

type Peer = ReturnType<typeof peers.generate>['value'][number]

function bentOf(bytes: Uint8Array, { behaviour, at, end, chunk, pause }: Peer): Bent {
  const bent = { chunk, pause }
  switch (behaviour) {
    case 'flips':
      return { ...bent, sent: flip(bytes, at) }
    case 'other':
      return { ...bent, content: flip(bytes, at) }
    case 'shorter':
      return { ...bent, content: bytes.slice(0, at) }
    case 'longer':
      return { ...bent, content: new Uint8Array(Buffer.concat([bytes, new Uint8Array(at + 1)])) }
    case 'cuts':
      return { ...bent, range: (_, said) => ({ ...said, body: first(said.body!, at, ENDS[end as 'never']) }) }
    default:
      return bent
  }
}

const scenario = fc.record({
  size: fc.oneof(fc.nat(4 * MIB), fc.constantFrom(0, 1, MIB, 2 * MIB, 4 * MIB)),
  algorithm: fc.constantFrom('sha256', 'sha256', 'sha512'),
  peers,
  readers: fc.array(fc.tuple(fc.nat(4 * MIB), fc.nat(4 * MIB)), { maxLength: 3 }),
})

it('a random swarm gives the truth or an error', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ size, algorithm, peers, readers }) => {
      const bytes = bytesOf(size)
      const digest = digestOf(bytes, algorithm)
      const network = createMemoryNetwork()
      for (const [number, peer] of peers.entries()) {
        const seeder = seederOf(bytes, digest, bentOf(bytes, peer))
        network.join(`peer ${number}`, async (...asked) => {
          if (peer.delay) await sleep(peer.delay)
          return seeder.answer(...asked)
        })
        if (peer.behaviour === 'dies') setTimeout(() => network.kill(`peer ${number}`), peer.at / 100_000)
      }
      const receiver = await openReceiver(network.join('me'), { stall: 150, timeout: 200 })
      const download = await receiver.downloads.fetch('a', digest)
      if (download) {
        const parts = readers
          .map(([one, other]) => ({ start: Math.min(one, other), end: Math.max(one, other) }))
          .filter(({ end }) => end < download.size)
        const ranges = [{ start: 0, end: download.size - 1 }, ...parts]
        const reads = ranges.map((range) => readUntilEnd(download.stream(range)))
        for (const [index, { bytes: read, error }] of (await Promise.all(reads)).entries()) {
          const { start, end } = ranges[index]!
          if (error) expect(read.length).toBeLessThan(Math.max(1, end - start + 1))
          else expect(Buffer.compare(read, bytes.subarray(start, end + 1))).toBe(0)
        }
        await download.done.catch(() => {})
      }
      await receiver.downloads.close()
      const { blobs } = await stored(receiver)
      for (const blob of blobs) {
        expect(blob).toBe(digest)
        const { bytes: kept } = await readUntilEnd((await receiver.disk.get(digest))!.stream())
        expect(Buffer.compare(kept, bytes)).toBe(0)
      }
      for (const [number, { behaviour }] of peers.entries()) {
        if (behaviour === 'honest') expect(receiver.backoff.blockOf(`peer ${number}`)?.fault).not.toBe('lied')
      }
      if (peers.some(({ behaviour }) => behaviour === 'honest')) expect(blobs).toEqual([digest])
      await receiver.database.close()
    }),
    { numRuns: 60, seed: 3, endOnFailure: true },
  )
})
