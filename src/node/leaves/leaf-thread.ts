/** Starts the thread that hashes leaves when there is something to hash, and ends it when there has been nothing. */

import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import type { Content } from '../../core/blobs/ports.ts'
import { type HashLeaves, hashLeaves } from '../../core/dag/leaves.ts'
import { LEAF_SIZE } from '../../core/leaf.ts'
import { FileContent } from '../disk/file-content.ts'
import { IDLE_TIME, startThread } from './start-thread.ts'
import type { FileAnswer, FileTask } from './task.ts'

/** One file at a time. */
export function createLeafThread(): HashLeaves {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined

  async function ask(content: FileContent, signal: AbortSignal): Promise<Uint8Array> {
    clearTimeout(idle)
    worker ??= startWorker()
    const thread = worker
    const stop = () => end(thread)
    signal.addEventListener('abort', stop)
    try {
      const task: FileTask = { path: content.path, size: content.size, leafSize: LEAF_SIZE }
      thread.postMessage(task)
      const [answer] = (await once(thread, 'message', { signal })) as [FileAnswer]
      if ('error' in answer) throw answer.error
      return answer.hashes
    } finally {
      signal.removeEventListener('abort', stop)
      idle = setTimeout(stop, IDLE_TIME).unref()
    }
  }

  function startWorker(): Worker {
    const started = startThread()
    started.once('error', () => end(started))
    return started
  }

  /** Forgotten at once: a thread that is about to end answers nothing any more. */
  function end(ended: Worker): void {
    if (worker === ended) worker = undefined
    void ended.terminate()
  }

  return (content: Content, signal) =>
    content instanceof FileContent ? ask(content, signal) : hashLeaves(content, signal)
}
