/**
 * Who: somebody with many identities, who requests much and reads nothing of it.
 * Tries: to make a registry keep a piece of a file in memory for each of their requests, and have no place for those
 * of others.
 * Gets: a few pieces.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeFrame } from '../../../../src/core/swarm/protocol/frame.ts'
import { PROTOCOL } from '../../../../src/core/swarm/protocol/limits.ts'
import { MIB } from '../../../support/bytes.ts'
import { digestOf } from '../../../support/digest.ts'
import { make } from '../../peers/content.ts'
import { push, type RegistryPeer, startRegistryPeer, until } from '../../peers/registry-peer.ts'
import { record } from '../support/figures.ts'
import { meetStranger, type Stranger } from '../support/stranger.ts'
import { watch } from '../support/watch.ts'

const LAYER = make({ seed: 'slow readers', size: 64 * MIB })

const IDENTITIES = 12
const QUESTIONS = 100

let registry: RegistryPeer

beforeEach(async () => {
  registry = await startRegistryPeer()
  await push(registry, 'library/app', LAYER)
})

afterEach(() => registry[Symbol.asyncDispose]())

test(`${IDENTITIES} that request 64 MiB ${QUESTIONS} times each, and read nothing`, async () => {
  await using all = new AsyncDisposableStack()
  const strangers: Stranger[] = []
  for (let count = 0; count < IDENTITIES; count++) strangers.push(all.use(await meetStranger(registry)))
  await using watching = await watch(registry)
  await Promise.all(strangers.map((stranger) => askWithoutReading(stranger)))
  await sleep(3000) // everything that was requested would be read by then
  const { latency, memory } = await watching.end()
  record(`streams: ${IDENTITIES} × ${QUESTIONS} × 64 MiB, nothing read`, {
    p99Ms: latency.p99,
    moreMiB: (memory.most - memory.before) / MIB,
  })
  expect(memory.most - memory.before).toBeLessThan(400 * MIB)
  await until('a registry fetches it all the same', () => fetches())
})

/** An honest peer. */
async function fetches(): Promise<boolean> {
  await using other = await startRegistryPeer([await registry.peerAddress()])
  await other.meet(await registry.id())
  return (await fetch(`${other.url}/v2/library/app/blobs/${digestOf(LAYER)}`)).ok
}

async function askWithoutReading(stranger: Stranger): Promise<void> {
  for (let count = 0; count < QUESTIONS; count++) {
    const stream = await stranger.open(PROTOCOL).catch(() => undefined)
    if (stream?.status !== 'open') continue
    stream.pause()
    const question = { ask: 'range', digest: digestOf(LAYER), start: 0, end: LAYER.length - 1 }
    stream.send(encodeFrame(question))
  }
}
