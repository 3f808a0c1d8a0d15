/**
 * The tab that leads, as the service worker sees it: found by the lock that it holds, gone when that lock is free, and
 * pinged while it has requests to handle. Its replies also keep the browser from stopping the worker meanwhile.
 */
import { peerFailed } from '../../../core/oci/error.ts'
import {
  type LeaderStatus,
  leaderIn,
  leaderLock,
  PING_INTERVAL_MS,
  type ToTab,
  versioned,
} from '../../tab-protocol.ts'

/** How the service worker finds tabs. */
export interface Tabs {
  readonly clients: Pick<Clients, 'get' | 'matchAll'>
  readonly locks: Pick<LockManager, 'query' | 'request'>
}

export interface Leader {
  /** Its client id. */
  readonly id: string
  /** Aborts when the tab is gone or does not react. */
  readonly gone: AbortSignal
  /** Its last status message. */
  readonly status: LeaderStatus | undefined
  post(message: ToTab, transfer?: Transferable[]): void
  ping(): void
  /** Keeps pinging the tab until a request that was sent to it is `done`. */
  pingUntil(done: Promise<void>): void
  onStatus(status: LeaderStatus): void
}

/** Pings in a row without a reply: a page may be busy for a while. */
const MAX_UNANSWERED_PINGS = 3

/** Finds the tab that leads now, unless it is one of the `frozen` ones, which do not react. */
export async function findLeader(tabs: Tabs, frozen: Set<string>): Promise<Leader | undefined> {
  const { held = [] } = await tabs.locks.query()
  for (const { name } of held) {
    const id = leaderIn(name)
    if (id === undefined || frozen.has(id)) continue
    const client = await tabs.clients.get(id)
    if (client) return createLeader(client, tabs, frozen)
  }
  return undefined
}

/** Tells all other tabs, so that one of them takes its place. */
export async function deposeLeader({ clients }: Tabs, leader: string): Promise<void> {
  const message = versioned<ToTab>({ type: 'depose', leader })
  const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true })
  for (const other of windows) if (other.id !== leader) other.postMessage(message)
}

function createLeader(client: Client, tabs: Tabs, frozen: Set<string>): Leader {
  const { id } = client
  const gone = new AbortController()
  const requests = new Set<Promise<void>>()
  let status: LeaderStatus | undefined
  let unanswered = 0
  let timer: ReturnType<typeof setInterval> | undefined

  const post: Leader['post'] = (message, transfer = []) => client.postMessage(message, transfer)
  const ping = () => post(versioned<ToTab>({ type: 'look' }))

  function lose(reason: string): void {
    clearInterval(timer)
    gone.abort(peerFailed(reason))
  }

  function watch(): void {
    if (requests.size === 0 && unanswered === 0) {
      clearInterval(timer)
      timer = undefined
    } else if (unanswered === MAX_UNANSWERED_PINGS) {
      frozen.add(id)
      lose('the leading tab does not react')
      void deposeLeader(tabs, id)
    } else {
      unanswered++
      ping()
    }
  }

  // Shared, because another version of the worker may wait for it, too.
  tabs.locks
    .request(leaderLock(id), { mode: 'shared' }, () => {
      frozen.delete(id)
      lose('the leading tab is gone')
    })
    .catch(() => lose('this worker is stopping'))

  return {
    id,
    gone: gone.signal,
    get status() {
      return status
    },
    post,
    ping,
    pingUntil(done) {
      requests.add(done)
      void done.then(() => requests.delete(done))
      if (gone.signal.aborted || timer !== undefined) return
      timer = setInterval(watch, PING_INTERVAL_MS)
      watch()
    },
    onStatus(latest) {
      status = latest
      unanswered = 0
    },
  }
}
