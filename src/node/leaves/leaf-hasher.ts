/**
 * Hashes leaves that come from peers, in a thread of its own: the one that receives them hashes the whole blob already,
 * and both together would halve its speed. Apart from the other thread, which may be busy with a large file.
 */

import { hash } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import { LEAF_SIZE } from '../../core/leaf.ts'
import type { HashedLeaf, HashLeaf } from '../../core/swarm/ports.ts'
import { IDLE_TIME, startThread } from './start-thread.ts'
import type { LeafAnswer, LeafTask } from './task.ts'

export function createLeafHasher(): HashLeaf {
  const waiting: PromiseWithResolvers<HashedLeaf>[] = []
  let thread: Worker | undefined
  let isReady = false
  let idle: NodeJS.Timeout | undefined

  function ask(asked: Worker, task: LeafTask): Promise<HashedLeaf> {
    clearTimeout(idle)
    asked.postMessage(task, [task.leaf.buffer])
    const answer = Promise.withResolvers<HashedLeaf>()
    waiting.push(answer)
    return answer.promise
  }

  /** The thread answers in the order in which it is asked. */
  function start(): Worker {
    const started = startThread()
    const endLater = () => {
      idle = setTimeout(() => end(started), IDLE_TIME).unref()
    }
    started.once('online', () => {
      isReady = thread === started
      endLater()
    })
    started.on('message', (answer: LeafAnswer) => {
      waiting.shift()!.resolve(answer)
      if (waiting.length === 0) endLater()
    })
    started.once('error', (error) => {
      end(started)
      for (const answer of waiting.splice(0)) answer.reject(error)
    })
    return started
  }

  function end(ended: Worker): void {
    if (thread === ended) {
      thread = undefined
      isReady = false
    }
    void ended.terminate()
  }

  return (leaf) => {
    if (!isWorthIt(leaf)) return hashHere(leaf)
    thread ??= start()
    return isReady ? ask(thread, { leaf }) : hashHere(leaf) // the first byte need not wait for a tenth of a second
  }
}

const hashHere = (leaf: Uint8Array): HashedLeaf => ({ leaf, hash: hash('sha256', leaf, 'buffer') })

/** What is smaller is hashed as fast as it is handed over; what shares its memory cannot be. */
const isWorthIt = (leaf: Uint8Array): leaf is Uint8Array<ArrayBuffer> =>
  leaf.length === LEAF_SIZE && leaf.buffer.byteLength === LEAF_SIZE && leaf.buffer instanceof ArrayBuffer
