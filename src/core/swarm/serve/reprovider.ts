/**
 * Announces in the DHT what this peer provides: shared manifests, and shared blobs that are not small. It works in the
 * background and slowly, since each announcement costs a walk through the DHT, and repeats before records expire. The work
 * list is in the catalog, so it continues after a restart.
 */

import { delay } from '../../async/delay.ts'
import { inParallel } from '../../async/semaphore.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Due } from '../../catalog/pins.ts'
import type { Log } from '../../log.ts'
import type { Network } from '../ports.ts'
import type { SharePolicy } from './share-policy.ts'

export interface Reprovider {
  /** There may be new work. */
  wake(): void
  /** Resolves when the announcements under way have ended. */
  close(): Promise<void>
}

export interface ReproviderDeps {
  readonly network: Network
  readonly catalog: Catalog
  readonly sharing: SharePolicy
  readonly log: Log
}

/**
 * Provider records expire after two days or less, and with the processes that keep them. So each start announces
 * everything again, because other peers may have stopped together with this one.
 */
const REPROVIDE_INTERVAL_MS = 12 * 3_600_000

/** How long until it checks by itself for peers, for what is due again, and for what failed. */
const IDLE_MS = 30_000

/** For one announcement. */
const TIMEOUT_MS = 60_000

/** Two at a time, each taking at least a second, are at most 120 a minute. */
const MAX_CONCURRENT = 2
const MIN_DURATION_MS = 1000

/** Small, so that new work is soon considered. */
const BATCH_SIZE = 8

export function createReprovider({ network, catalog, sharing, log }: ReproviderDeps): Reprovider {
  const startedAt = Date.now()
  const closing = new AbortController()
  let waking = new AbortController()
  let running: Promise<void> | undefined

  /** `false` if it has to be tried again. */
  async function provide({ digest, matters }: Due): Promise<boolean> {
    if (!matters || !(await sharing.shares(digest))) return true
    const minDuration = delay(MIN_DURATION_MS, closing.signal)
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT_MS)])
      await network.provide(digest, { signal })
      return true
    } catch (error) {
      log.debug('providing failed', { digest, err: error })
      return false
    } finally {
      await minDuration
    }
  }

  /** Whether to continue at once. */
  async function provideBatch(): Promise<boolean> {
    if (network.peers().length === 0) return false
    const batch = await catalog.providing.due(
      Math.max(startedAt, Date.now() - REPROVIDE_INTERVAL_MS),
      BATCH_SIZE,
    )
    const failed = new Set<Due>()
    await inParallel(MAX_CONCURRENT, batch, async (due) => {
      if (closing.signal.aborted || !(await provide(due))) failed.add(due)
    })
    const done = batch.filter((due) => !failed.has(due)).map(({ digest }) => digest)
    await catalog.transaction((queries) => queries.providing.done(done, Date.now()), { durable: false })
    return batch.length > 0 && failed.size === 0
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      waking = new AbortController()
      const isMore = await provideBatch().catch((error: unknown) => {
        log.error('providing failed', { err: error })
        return false
      })
      if (!isMore) await delay(IDLE_MS, AbortSignal.any([closing.signal, waking.signal]))
    }
  }

  return {
    wake() {
      waking.abort()
      running ??= run()
    },

    async close() {
      closing.abort()
      await running
    },
  }
}
