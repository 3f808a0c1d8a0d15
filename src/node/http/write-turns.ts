/**
 * Who writes next. The kernel copies at once all that it is given, in the thread that answers everybody, and it takes
 * megabytes for a client that reads nothing. So in each turn of the event loop only so much is written, and nothing
 * while connections arrive, of which a turn accepts one: three hundred clients who come together for something large
 * would hold up the next one for two seconds.
 */
import type { Server } from 'node:http'

/** Bytes, and what is beyond in the last piece: less than a millisecond of copying. */
const MAX_A_TURN = 512 * 1024

/** Turns with a new connection in a row, until those who are being answered go on all the same. */
const MAX_PUT_OFF = 16

interface Waiting {
  readonly bytes: number
  resolve(): void
}

const waiting: Waiting[] = []

/** Of this turn. */
let written = 0
let hasArrived = false

let putOff = 0
let isCounting = false

/** Makes writers wait for those who connect. */
export function countArrivals(server: Server): void {
  server.on('connection', () => {
    hasArrived = true
    endTurnLater()
  })
}

/** Resolves when so many bytes may be written. */
export async function writeTurn(bytes: number): Promise<void> {
  if (waiting.length === 0 && written < MAX_A_TURN && !hasArrived) return count(bytes)
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
  putOff = hasArrived && putOff < MAX_PUT_OFF ? putOff + 1 : 0
  hasArrived = false
  if (putOff > 0) endTurnLater()
  else next()
}

function next(): void {
  while (waiting.length > 0 && written < MAX_A_TURN) {
    const { bytes, resolve } = waiting.shift()!
    count(bytes)
    resolve()
  }
}
