/** Starts a thread that hashes leaves, as the sources and the build have it. It does not keep the process running. */
import { Worker } from 'node:worker_threads'

/** Milliseconds without work after which a thread is ended: it costs some ten megabytes. */
export const IDLE_TIME = 10_000

/** The sources run as they are; the build has the thread's part beside its own. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './leaf-worker.js', import.meta.url)

export function startThread(): Worker {
  const thread = new Worker(WORKER)
  thread.unref()
  return thread
}
