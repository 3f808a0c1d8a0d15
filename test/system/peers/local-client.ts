/**
 * A program that uses the registry of its host, for tests of registries on separate hosts: it does one thing
 * and writes what came of it, in JSON.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { SwarmStatus } from '../../../src/core/libp2p/status.ts'
import { digestOf } from '../../support/digest.ts'
import { askAsOwner } from '../../support/owner.ts'
import { make, type Recipe } from './content.ts'
import { pull } from './pull.ts'

interface Registry {
  readonly url: string
  readonly data: string
}

export type Errand =
  | ({ readonly do: 'status' } & Registry)
  | ({ readonly do: 'meet' } & Registry)
  | { readonly do: 'push' | 'pull'; readonly url: string; readonly blob: Recipe }

const REPOSITORY = 'library/app'

const errand: Errand = JSON.parse(process.argv[2]!)
process.stdout.write(JSON.stringify(await perform(errand)))

async function perform(errand: Errand): Promise<SwarmStatus | { outcome: string }> {
  if (errand.do === 'status') return statusOf(errand)
  if (errand.do === 'meet') return { outcome: await meet(errand) }
  const { url, blob } = errand
  const bytes = make(blob)
  if (errand.do === 'pull') return pull(url, REPOSITORY, digestOf(bytes))
  const path = `/v2/${REPOSITORY}/blobs/uploads/?digest=${digestOf(bytes)}`
  const { status } = await fetch(url + path, { method: 'POST', body: bytes as Uint8Array<ArrayBuffer> })
  return { outcome: String(status) }
}

async function statusOf(registry: Registry): Promise<SwarmStatus> {
  return (await (await askAsOwner(registry, '/flotilla/peers')).json()) as SwarmStatus
}

/** Milliseconds from when it has joined its swarm until it knows another registry. */
async function meet(registry: Registry): Promise<string> {
  await statusOf(registry)
  const start = performance.now()
  while (!(await statusOf(registry)).peers.some(({ isRegistry }) => isRegistry)) await sleep(10)
  return String(Math.round(performance.now() - start))
}
