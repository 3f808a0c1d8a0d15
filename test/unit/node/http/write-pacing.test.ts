import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, expect, it } from 'vitest'
import { paceWrite, watchConnections } from '../../../../src/node/http/write-pacing.ts'

const PIECE = 512 * 1024

const server = new EventEmitter()
watchConnections(server as unknown as Server)
const arrive = () => server.emit('connection')

let written = 0

async function write(bytes = PIECE): Promise<void> {
  await paceWrite(bytes)
  written++
}

beforeEach(async () => {
  for (let count = 0; count < 3; count++) await turn()
  written = 0
})

it('is at once where nobody else writes', async () => {
  void write()
  await Promise.resolve().then(() => {})
  expect(written).toBe(1)
})

it('is one turn of the event loop for each piece', async () => {
  const all = Promise.all([write(), write(), write()])
  const seen: number[] = []
  for (let count = 0; count < 4; count++) {
    await turn()
    seen.push(written)
  }
  await all
  expect(Math.max(...seen.map((now, place) => now - (seen[place - 1] ?? 0)))).toBeLessThanOrEqual(2)
  expect(seen.at(-1)).toBe(3)
})

it('is shared by small pieces', async () => {
  await Promise.all(Array.from({ length: 8 }, () => write(PIECE / 8)))
  expect(written).toBe(8)
})

it('waits while somebody connects', async () => {
  arrive()
  const writing = write()
  for (let count = 0; count < 8; count++) {
    await turn()
    expect(written).toBe(0)
    arrive()
  }
  await writing
})

it('does not wait for ever', async () => {
  let isOver = false
  arrive()
  const writing = write().then(() => {
    isOver = true
  })
  let turns = 0
  for (; !isOver && turns < 100; turns++) {
    arrive()
    await turn()
  }
  await writing
  expect(turns).toBeLessThan(100)
})
