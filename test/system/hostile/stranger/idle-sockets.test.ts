/**
 * Who: anybody who can connect to a port of the swarm.
 * Tries: to hold so many sockets, without ever saying who they are, that nobody else gets in and none is left for the
 * registry.
 * Gets: few at a time, for seconds.
 */
import { expect, test } from 'vitest'
import { until } from '../../peers/registry-peer.ts'
import { portOf, startOnDoors } from '../support/doors.ts'
import { record } from '../support/figures.ts'
import { openSockets } from '../support/sockets.ts'

const DOORS = ['tcp/0', 'tcp/0/ws']

/** The target is ten seconds. */
const LATEST = 40_000

test.each([
  ['nothing', undefined],
  ['half a request', 'GET / HTTP/1.1\r\nHost: a\r\nX: '],
  ['a request that is no upgrade', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
])('400 sockets of the WebSocket port that send %s', async (what, say) => {
  await using registry = await startOnDoors(DOORS)
  const start = performance.now()
  using sockets = await openSockets(400, await portOf(registry, 'tcp/ws'), say)
  await expect.poll(() => sockets.open()).toBeLessThanOrEqual(64)
  const held = sockets.open()
  await until('they are closed', async () => sockets.open() === 0, LATEST)
  record(`400 WebSocket sockets that send ${what}`, { held, closedAfterMs: performance.now() - start })
})

test('400 sockets of the TCP port that send nothing', async () => {
  await using registry = await startOnDoors(DOORS)
  const start = performance.now()
  using sockets = await openSockets(400, await portOf(registry, 'tcp'))
  await expect.poll(() => sockets.open()).toBeLessThanOrEqual(64)
  const held = sockets.open()
  await until('they are closed', async () => sockets.open() === 0, LATEST)
  record('400 TCP sockets that send nothing', { held, closedAfterMs: performance.now() - start })
})

test('meanwhile others get in by WebSocket', async () => {
  await using registry = await startOnDoors(DOORS)
  using _sockets = await openSockets(400, await portOf(registry, 'tcp/ws'))
  const answer = await fetch(`http://127.0.0.1:${await portOf(registry, 'tcp/ws')}/`)
  expect(answer.status).toBe(400) // by the library, which wants an upgrade
})
