/**
 * The threads that hash leaves: one for the files of pushed blobs, one for leaves that arrive from peers, which must not wait
 * while the other is busy with a large file. Leaves from peers are hashed in a thread because the main thread already
 * hashes the whole blob, and both hashes together would halve its speed. A thread starts when it is needed, ends when it
 * has been idle, and doesn't keep the process running.
 */
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type HashLeaves, hashLeaves } from '../../core/dag/leaves.ts'
import { LEAF_SIZE } from '../../core/leaf.ts'
import type { HashedLeaf, HashLeaf } from '../../core/swarm/ports.ts'
import { FileContent } from '../disk/file-content.ts'
import type { FileResponse, FileTask, LeafResponse, LeafTask } from './worker.ts'

/** A thread that has been idle for this long is ended, because it costs some ten megabytes. */
export const IDLE_MS = 10_000

/** The sources run as they are; the build has the worker beside its own file. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './leaf-worker.js', import.meta.url)

/** Hashes all leaves of a file in a thread, one file at a time, and other content in this thread. */
export function createFileHasher(): HashLeaves {
  const thread = new FileThread()
  return (content, signal) =>
    content instanceof FileContent ? thread.hash(content, signal) : hashLeaves(content, signal)
}

/** Hashes single leaves in a thread, as soon as that has started. The first leaves don't wait for it. */
export function createLeafHasher(): HashLeaf {
  const thread = new LeafThread()
  return (leaf) => (isTransferable(leaf) ? thread.hash(leaf) : undefined) ?? hashHere(leaf)
}

const hashHere = (leaf: Uint8Array): HashedLeaf => ({ leaf, hash: hash('sha256', leaf, 'buffer') })

/** Hashing a smaller leaf is as fast as transferring it, and memory that is shared with other data can't be transferred. */
const isTransferable = (leaf: Uint8Array): leaf is Uint8Array<ArrayBuffer> =>
  leaf.length === LEAF_SIZE && leaf.buffer.byteLength === LEAF_SIZE && leaf.buffer instanceof ArrayBuffer

abstract class IdleThread {
  protected worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined

  protected start(): Worker {
    const worker = new Worker(WORKER)
    worker.unref()
    worker.once('error', () => this.end(worker))
    this.worker = worker
    return worker
  }

  protected keepAlive(): void {
    clearTimeout(this.#idle)
  }

  protected endWhenIdle(worker: Worker): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.end(worker), IDLE_MS).unref()
  }

  /** Forgets the worker at once, because one that is about to end doesn't respond any more. */
  protected end(worker: Worker): void {
    if (this.worker === worker) this.worker = undefined
    void worker.terminate()
  }
}

class FileThread extends IdleThread {
  async hash({ path, size }: FileContent, signal: AbortSignal): Promise<Uint8Array> {
    this.keepAlive()
    const worker = this.worker ?? this.start()
    const stop = () => this.end(worker)
    signal.addEventListener('abort', stop)
    try {
      worker.postMessage({ path, size, leafSize: LEAF_SIZE } satisfies FileTask)
      const [response] = (await once(worker, 'message', { signal })) as [FileResponse]
      if ('error' in response) throw response.error
      return response.hashes
    } finally {
      signal.removeEventListener('abort', stop)
      this.endWhenIdle(worker)
    }
  }
}

class LeafThread extends IdleThread {
  /** Resolved in order, because the worker responds in the order of its tasks. */
  readonly #pending: PromiseWithResolvers<HashedLeaf>[] = []
  #online: Worker | undefined

  /** `undefined` while the thread starts, which takes a tenth of a second. */
  hash(leaf: Uint8Array<ArrayBuffer>): Promise<HashedLeaf> | undefined {
    const worker = this.worker ?? this.start()
    if (this.#online !== worker) return undefined
    this.keepAlive()
    worker.postMessage({ leaf } satisfies LeafTask, [leaf.buffer])
    const response = Promise.withResolvers<HashedLeaf>()
    this.#pending.push(response)
    return response.promise
  }

  protected override start(): Worker {
    const worker = super.start()
    worker.once('online', () => {
      this.#online = worker
      this.endWhenIdle(worker)
    })
    worker.on('message', (response: LeafResponse) => {
      this.#pending.shift()!.resolve(response)
      if (this.#pending.length === 0) this.endWhenIdle(worker)
    })
    worker.once('error', (error) => {
      for (const response of this.#pending.splice(0)) response.reject(error)
    })
    return worker
  }
}
