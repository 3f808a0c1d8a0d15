/** Starts the thread that hashes leaves when there is something to hash, and ends it when there has been nothing. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Content } from '../../core/blobs/ports.ts'
import { LEAF_SIZE } from '../../core/catalog/blobs.ts'
import { type HashLeaves, hashLeaves } from '../../core/dag/leaves.ts'
import { FileContent } from '../disk/file-content.ts'
import type { LeafAnswer, LeafTask } from './task.ts'

/** Milliseconds without work; a thread costs some ten megabytes. */
const IDLE_TIME = 10_000

/** The sources run as they are; the build has the thread's part beside its own. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './leaf-worker.js', import.meta.url)

/** One file at a time. */
export function createLeafThread(): HashLeaves {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined

  async function ask(content: FileContent, signal: AbortSignal): Promise<Uint8Array> {
    clearTimeout(idle)
    worker ??= startWorker()
    const thread = worker
    const stop = () => void thread.terminate()
    signal.addEventListener('abort', stop)
    try {
      const task: LeafTask = { path: content.path, size: content.size, leafSize: LEAF_SIZE }
      thread.postMessage(task)
      const [answer] = (await once(thread, 'message', { signal })) as [LeafAnswer]
      if ('error' in answer) throw answer.error
      return answer.hashes
    } finally {
      signal.removeEventListener('abort', stop)
      idle = setTimeout(stop, IDLE_TIME).unref()
    }
  }

  function startWorker(): Worker {
    const started = new Worker(WORKER)
    started.unref()
    started.once('exit', () => {
      if (worker === started) worker = undefined
    })
    return started
  }

  return (content: Content, signal) =>
    content instanceof FileContent ? ask(content, signal) : hashLeaves(content, signal)
}
