/**
 * One blob from three peers, each of which sends at most so many MB/s, beside the same blob from one of them: how much
 * faster it comes. `node bench/swarm/several.ts [MB/s of a peer] [MiB of the blob]`
 */

import { MIB } from '../../test/support/bytes.ts'
import { digestOf } from '../../test/support/digest.ts'
import { make } from '../../test/system/peers/content.ts'
import { pull } from '../../test/system/peers/pull.ts'
import { startRegistryPeer } from '../../test/system/peers/registry-peer.ts'
import { type ScriptedPeer, startScriptedPeers } from '../../test/system/peers/scripted-peer.ts'
import { median } from '../median.ts'

const ROUNDS = 3

const rate = Number(process.argv[2] ?? 20) * 1_000_000
const size = Number(process.argv[3] ?? 128) * MIB

for (const http of [false, true]) {
  const seconds: Record<string, number[]> = { one: [], three: [] }
  const sent: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const blob = { seed: `${http} ${round}`, size }
    await using undo = new AsyncDisposableStack()
    const peers: ScriptedPeer[] = []
    for (let started = 0; started < 3; started++) {
      const process = undo.use(await startScriptedPeers([{ blobs: [blob], http, rate }]))
      peers.push(...process.peers)
    }
    const digest = digestOf(make(blob))
    seconds['one']!.push(await secondsFrom(peers.slice(0, 1), digest))
    const before = sentBy(peers)
    seconds['three']!.push(await secondsFrom(peers, digest))
    sent.push((sentBy(peers) - before) / size)
  }
  report(http ? 'http' : 'stream', median(seconds['one']!), median(seconds['three']!), median(sent))
}

async function secondsFrom(peers: readonly ScriptedPeer[], digest: string): Promise<number> {
  const environment = { REGISTRY_SWARM_DHT_ENABLED: 'false' }
  const addresses = peers.map(({ address }) => address)
  await using registry = await startRegistryPeer(addresses, { environment })
  await registry.meet(...peers.map(({ id }) => id))
  const start = performance.now()
  const { outcome } = await pull(registry.url, 'bench/several', digest)
  if (outcome !== 'right') throw new Error(`the pull was ${outcome}`)
  return (performance.now() - start) / 1000
}

function sentBy(peers: readonly ScriptedPeer[]): number {
  return peers.reduce((sum, peer) => sum + peer.sent(), 0)
}

function report(fetcher: string, one: number, three: number, copies: number): void {
  const speed = (seconds: number) => (size / seconds / 1e6).toFixed(1)
  const ofRate = (size / three / rate).toFixed(2)
  console.log(
    `${fetcher}: ${speed(one)} MB/s from one, ${speed(three)} MB/s from three: ${(one / three).toFixed(2)} times as fast, ` +
      `${ofRate} times the rate of a peer; ${copies.toFixed(2)} times the blob was sent`,
  )
}
