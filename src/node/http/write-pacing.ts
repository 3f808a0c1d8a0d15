/**
 * Limits how much is written in one turn of the event loop. The kernel copies all that it is given at once, in the thread
 * that serves everybody, and it takes megabytes for a client that reads nothing. Nothing is written while connections arrive,
 * because a turn accepts only one: without this, three hundred clients that request something large at once hold up the
 * next one for two seconds.
 */
import type { Server } from 'node:http'

/** The last piece may exceed it. Less than a millisecond of copying. */
const MAX_BYTES_PER_TURN = 512 * 1024

/** Consecutive turns with a new connection after which writes continue all the same. */
const MAX_DEFERRED_TURNS = 16

interface Waiting {
  readonly bytes: number
  resolve(): void
}

const waiting: Waiting[] = []

/** Bytes in this turn. */
let written = 0
let hasArrived = false

let deferredTurns = 0
let isCounting = false

/** Makes writes wait while connections arrive. */
export function watchConnections(server: Server): void {
  server.on('connection', () => {
    hasArrived = true
    endTurnLater()
  })
}

/** Resolves when this many bytes may be written. */
export async function paceWrite(bytes: number): Promise<void> {
  if (waiting.length === 0 && written < MAX_BYTES_PER_TURN && !hasArrived) return count(bytes)
  endTurnLater()
  await new Promise<void>((resolve) => waiting.push({ bytes, resolve }))
}

function count(bytes: number): void {
  written += bytes
  endTurnLater()
}

function endTurnLater(): void {
  if (isCounting) return
  isCounting = true
  setImmediate(endTurn)
}

function endTurn(): void {
  isCounting = false
  written = 0
  deferredTurns = hasArrived && deferredTurns < MAX_DEFERRED_TURNS ? deferredTurns + 1 : 0
  hasArrived = false
  if (deferredTurns > 0) endTurnLater()
  else next()
}

function next(): void {
  while (waiting.length > 0 && written < MAX_BYTES_PER_TURN) {
    const { bytes, resolve } = waiting.shift()!
    count(bytes)
    resolve()
  }
}
