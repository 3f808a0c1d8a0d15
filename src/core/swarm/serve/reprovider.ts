/**
 * Tells the swarm's table of providers what can be had here: manifests and blobs that are not small, as far as they
 * are shared. In the background and slowly, since each costs a walk through the table, and again before the table
 * forgets. The work list is the catalog's, so a restart goes on.
 */

import { delay } from '../../async/delay.ts'
import { inParallel } from '../../async/parallel.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Due } from '../../catalog/providing.ts'
import type { Log } from '../../log.ts'
import type { Network } from '../ports.ts'
import type { SharePolicy } from './share-policy.ts'

export interface Reprovider {
  /** There may be new work. */
  wake(): void
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>
}

export interface ReproviderDeps {
  readonly network: Network
  readonly catalog: Catalog
  readonly sharing: SharePolicy
  readonly log: Log
}

/**
 * Records of providers live for two days or less in tables of this kind, and no longer than the processes that keep
 * them: so each start tells of everything again, as others may have ended with this one.
 */
const AGAIN_AFTER = 12 * 3_600_000

/** After this long it looks again by itself: for peers, for what is due again, and for what failed. */
const IDLE = 30_000

/** One walk may take this long. */
const TIMEOUT = 60_000

/** Two at a time, neither of them more than once a second, are 120 a minute at the most. */
const AT_ONCE = 2
const SPACING = 1000

/** Few, so that what is new is soon looked at. */
const BATCH = 8

export function createReprovider({ network, catalog, sharing, log }: ReproviderDeps): Reprovider {
  const begun = Date.now()
  const closing = new AbortController()
  let alarm = new AbortController()
  let running: Promise<void> | undefined

  /** `false` where it has to be tried again. */
  async function provide({ digest, matters }: Due): Promise<boolean> {
    if (!matters || !(await sharing.shares(digest))) return true
    const spacing = delay(SPACING, closing.signal)
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT)])
      await network.provide(digest, { signal })
      return true
    } catch (error) {
      log.debug('providing failed', { digest, err: error })
      return false
    } finally {
      await spacing
    }
  }

  /** Whether to go on at once. */
  async function provideBatch(): Promise<boolean> {
    if (network.peers().length === 0) return false
    const batch = await catalog.providing.due(Math.max(begun, Date.now() - AGAIN_AFTER), BATCH)
    const failed = new Set<Due>()
    await inParallel(AT_ONCE, batch, async (due) => {
      if (closing.signal.aborted || !(await provide(due))) failed.add(due)
    })
    const done = batch.filter((due) => !failed.has(due)).map(({ digest }) => digest)
    await catalog.transaction((queries) => queries.providing.done(done, Date.now()), { durable: false })
    return batch.length > 0 && failed.size === 0
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      alarm = new AbortController()
      const isMore = await provideBatch().catch((error: unknown) => {
        log.error('providing failed', { err: error })
        return false
      })
      if (!isMore) await delay(IDLE, AbortSignal.any([closing.signal, alarm.signal]))
    }
  }

  return {
    wake() {
      alarm.abort()
      running ??= run()
    },

    async close() {
      closing.abort()
      await running
    },
  }
}
