/**
 * The tab that leads, as the service worker sees it: found by the lock it holds, gone when that lock is free, and looked
 * at while it has questions to answer. What it says to that also keeps the worker from being stopped meanwhile.
 */
import { peerFailed } from '../../../core/oci/error.ts'
import {
  LOOK_INTERVAL,
  leaderIn,
  leaderLock,
  type Status,
  type ToTab,
  versioned,
} from '../../tab-protocol.ts'

/** What the service worker knows of tabs. */
export interface Tabs {
  readonly clients: Pick<Clients, 'get' | 'matchAll'>
  readonly locks: Pick<LockManager, 'query' | 'request'>
}

export interface Leader {
  /** Its client id. */
  readonly id: string
  /** Aborts when it is gone, or does not react. */
  readonly gone: AbortSignal
  /** What it said last. */
  readonly status: Status | undefined
  post(message: ToTab, transfer?: Transferable[]): void
  look(): void
  /** A question was put: it is looked at until that is over. */
  attend(over: Promise<void>): void
  heard(status: Status): void
}

/** Looks in a row that may stay without an answer: a page may be busy for a while. */
const MAX_UNANSWERED = 3

/** The tab that leads now, if any, but for those that do not react. */
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

/** All other tabs are told, of which one takes its place. */
export async function deposeLeader({ clients }: Tabs, leader: string): Promise<void> {
  const message = versioned<ToTab>({ type: 'depose', leader })
  const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true })
  for (const other of windows) if (other.id !== leader) other.postMessage(message)
}

function createLeader(client: Client, tabs: Tabs, frozen: Set<string>): Leader {
  const { id } = client
  const gone = new AbortController()
  const questions = new Set<Promise<void>>()
  let status: Status | undefined
  let unanswered = 0
  let timer: ReturnType<typeof setInterval> | undefined

  const post: Leader['post'] = (message, transfer = []) => client.postMessage(message, transfer)
  const look = () => post(versioned<ToTab>({ type: 'look' }))

  function lose(reason: string): void {
    clearInterval(timer)
    gone.abort(peerFailed(reason))
  }

  function watch(): void {
    if (questions.size === 0 && unanswered === 0) {
      clearInterval(timer)
      timer = undefined
    } else if (unanswered === MAX_UNANSWERED) {
      frozen.add(id)
      lose('the leading tab does not react')
      void deposeLeader(tabs, id)
    } else {
      unanswered++
      look()
    }
  }

  // Shared, as another worker may wait for it as well.
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
    look,
    attend(over) {
      questions.add(over)
      void over.then(() => questions.delete(over))
      if (gone.signal.aborted || timer !== undefined) return
      timer = setInterval(watch, LOOK_INTERVAL)
      watch()
    },
    heard(said) {
      status = said
      unanswered = 0
    },
  }
}
