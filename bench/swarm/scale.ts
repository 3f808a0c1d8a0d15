/**
 * How far one image gets: many peers in this process, a new image pushed to one, pulled by all others, once a few at a
 * time and once all at once. Prints how often it left its first provider, and how long the DHT takes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { median } from '../median.ts'
import { closeFleet, connectionsOf, type FleetPeer, openFleet, settled } from './fleet.ts'
import { type Image, makeImage, piecesOf, pull, push, timesSent } from './roll-out.ts'

const MIB = 2 ** 20

/** Milliseconds between two look-ups. */
const REST = 300

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '50' },
    mib: { type: 'string', default: '8' },
    batch: { type: 'string', default: '5' },
  },
})
const count = Number(values.peers)
const size = Number(values.mib) * MIB
const layers = [size / 2, size / 4, size / 4]

const peers = await openFleet(count)
const [first, ...others] = peers as [FleetPeer, ...FleetPeer[]]
await settled(peers, 10_000)
console.log(`${count} peers, ${connectionsOf(peers)} connections; image of ${values.mib} MiB in 3 layers`)
await rollOut(`${values.batch} at a time`, Number(values.batch))
await rollOut('all at once', others.length)
console.log(`at the end ${connectionsOf(peers)} connections`)
await closeFleet(peers)
process.exit()

async function rollOut(title: string, batch: number): Promise<void> {
  const image = makeImage(layers)
  await push(first, image)
  console.log(`\n${title}`)
  await lookUp(image)
  const start = performance.now()
  const before = first.sent(others)
  const all = sentBy(peers)
  await inBatches(batch, others, (peer) => pull(peer, image))
  const seconds = (performance.now() - start) / 1000
  const total = piecesOf(image).reduce((sum, { bytes }) => sum + bytes.length, 0)
  const moved = (sentBy(peers) - all) / total
  console.log(`  all have it, and the right bytes, after ${seconds.toFixed(1)} s`)
  console.log(`  left the first provider ${((first.sent(others) - before) / total).toFixed(2)} times`)
  console.log(`  sent by all peers together ${moved.toFixed(2)} times, needed ${others.length}`)
  for (const piece of piecesOf(image)) {
    const times = await timesSent(first, others, piece)
    console.log(`    ${String(piece.bytes.length).padStart(9)} bytes: ${times.toFixed(2)} times`)
  }
}

/**
 * From each peer in turn, for what the first provider alone has: milliseconds to the first provider. What a peer
 * still does after its own look-up would take the time of the next, which in a real crowd is another machine's.
 */
async function lookUp({ manifest }: Image): Promise<void> {
  while (!(await timeToProvider(others[0]!, manifest.digest)).isFound);
  const looked = []
  for (const peer of others) {
    await sleep(REST)
    looked.push(await timeToProvider(peer, manifest.digest))
  }
  const times = looked.filter(({ isFound }) => isFound).map(({ time }) => time)
  const [middle, late] = [median(times), times.toSorted((a, b) => a - b)[Math.floor(0.95 * times.length)]!]
  console.log(`  DHT: ${times.length} of ${looked.length} look-ups found the provider`)
  console.log(`  DHT: median ${middle.toFixed(1)} ms, p95 ${late.toFixed(1)} ms`)
}

async function timeToProvider({ network }: FleetPeer, digest: Image['manifest']['digest']) {
  const start = performance.now()
  const signal = AbortSignal.timeout(5000)
  for await (const _ of network.findProviders(digest, { signal })) {
    return { isFound: true, time: performance.now() - start }
  }
  return { isFound: false, time: performance.now() - start }
}

async function inBatches<T>(
  size: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(work))
}

function sentBy(peers: readonly FleetPeer[]): number {
  return peers.reduce((sum, peer) => sum + peer.sent(peers), 0)
}
