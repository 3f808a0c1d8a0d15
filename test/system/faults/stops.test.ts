/**
 * Stops by SIGTERM at random moments, with peers connected and transfers under way in both directions: each ends with
 * code 0, and soon. FLOTILLA_STOPS sets how many, FLOTILLA_SEED makes them happen at the same moments again.
 */

import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MIB } from '../../support/bytes.ts'
import { digestOf } from '../../support/digest.ts'
import { record } from '../hostile/support/figures.ts'
import { make } from '../peers/content.ts'
import { push, type RegistryPeer, startRegistryPeer } from '../peers/registry-peer.ts'
import { createRandom } from './random.ts'

const STOPS = Number(process.env['FLOTILLA_STOPS'] ?? 8)

const REPOSITORY = 'library/app'

/** What the registry fetches, and what is fetched from it. */
const LAYER = make({ seed: 'fetched', size: 96 * MIB })
const ownOf = (stop: number) => make({ seed: `given ${stop}`, size: 16 * MIB })

/** Milliseconds from then on that a stop comes at the latest. */
const LONGEST_LIFE = 4000

/** Milliseconds that running requests are given, and what a busy machine may take in addition. */
const DRAIN = 1000
const SLACK = 10_000

const TCP = '/ip4/127.0.0.1/tcp/0'
const WEB_RTC = '/ip4/127.0.0.1/udp/0/webrtc-direct'

interface Stops {
  readonly stops: number
  /** What all registries listen on; they meet by the last one. */
  readonly listen: readonly string[]
}

async function stopAgainAndAgain({ stops, listen }: Stops): Promise<void> {
  const environment = {
    REGISTRY_HTTP_DRAINTIMEOUT: `${DRAIN}ms`,
    REGISTRY_SWARM_LISTEN: JSON.stringify(listen),
  }
  const seed = Number(process.env['FLOTILLA_SEED'] ?? randomInt(2 ** 31))
  console.info(`seed of this run: ${seed}`)
  const random = createRandom(seed)
  await using provider = await startRegistryPeer([], { environment })
  await push(provider, REPOSITORY, LAYER)
  const { addresses, id } = await provider.status()
  const fetcher = addresses.filter((address) => address.includes('webrtc') === (listen.at(-1) === WEB_RTC))
  const ends: { code: number | null; took: number }[] = []
  for (let stop = 0; stop < stops; stop++) {
    await using registry = await startRegistryPeer(fetcher, { environment })
    if (random.chance(0.5)) await registry.meet(id)
    ends.push(await stopWhileBusy(registry, provider, ownOf(stop), random.integer(0, LONGEST_LIFE)))
  }
  const longest = Math.max(...ends.map(({ took }) => took))
  const unclean = ends.filter(({ code }) => code !== 0)
  record(`${stops} stops with a transfer under way, on ${listen.join(' and ')}`, {
    unclean: unclean.length,
    longestMs: longest,
  })
  expect(unclean).toEqual([])
  expect(await provider.stop(), 'of whom all went away').toBe(0)
  expect(longest).toBeLessThan(DRAIN + SLACK)
}

async function stopWhileBusy(registry: RegistryPeer, provider: RegistryPeer, own: Uint8Array, life: number) {
  const left = new AbortController()
  const pulls = [
    pullAgainAndAgain(registry.url, digestOf(LAYER), left.signal),
    pullAgainAndAgain(provider.url, digestOf(own), left.signal),
    push(registry, REPOSITORY, own).catch(() => {}),
  ]
  await sleep(life)
  const start = performance.now()
  const code = await registry.stop()
  const took = Math.round(performance.now() - start)
  if (code !== 0) console.info(registry.output())
  left.abort()
  await Promise.all(pulls)
  return { code, took }
}

/** Until it has come, or is wanted no more. */
async function pullAgainAndAgain(url: string, digest: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(`${url}/v2/${REPOSITORY}/blobs/${digest}`, { signal })
      for await (const _ of response.body!);
      if (response.ok) return
    } catch {
      await sleep(20)
    }
  }
}

test.for([
  ['by default', [TCP]],
  ['with WebRTC', [TCP, WEB_RTC]],
] as const)(`${STOPS} stops %s`, { timeout: 60_000 + STOPS * 20_000 }, ([, listen]) =>
  stopAgainAndAgain({ stops: STOPS, listen }),
)
