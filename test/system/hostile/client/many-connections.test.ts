/**
 * Who: anybody who reaches the port, from one address or a few.
 * Tries: to take connections and keep them, to send heads that never end, or to make two thousand requests at once on
 * one connection without reading an answer.
 * Gets: their share of the connections, 20 seconds for a head, and one answer at a time.
 */

import { randomBytes } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { PATIENCE } from '../../../support/patience.ts'
import { pushBlob } from '../../../support/push.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'
import { get, openCrowd, pusherTo } from './greedy.ts'

it('connections that say nothing, or begin to: others have theirs', async () => {
  await using registry = await startRegistry({
    environment: { REGISTRY_HTTP_CONNECTIONS_LIMIT: '64', REGISTRY_HTTP_CONNECTIONS_PERADDRESS: '16' },
  })
  await using watching = await watch(registry)
  const begin = performance.now()
  await using silent = await openCrowd(registry, 100, () => '', { from: '127.0.0.2' })
  await using slow = await openCrowd(registry, 100, () => 'GET /v2/ HTTP/1.1\r\nHost: ', {
    from: '127.0.0.3',
  })
  await vi.waitFor(() => expect(silent.open()).toBe(16), PATIENCE)
  await vi.waitFor(() => expect(slow.open()).toBe(16), PATIENCE)
  expect((await fetch(`${registry.url}/v2/`)).status).toBe(200)
  await Promise.all([silent.closed(), slow.closed()])
  const seconds = (performance.now() - begin) / 1000
  const { latency } = await watching.end()
  record('200 connections without a request', { seconds, p99: latency.p99, most: latency.most })
  expect(latency.p99).toBeLessThan(2000)
})

it('requests without end on one connection', async () => {
  await using registry = await startRegistry()
  const { digest } = await pushBlob(pusherTo(registry), 'a', randomBytes(16 * MIB))
  await using watching = await watch(registry)
  await using crowd = await openCrowd(registry, 8, () => get(`/v2/a/blobs/${digest}`).repeat(2000))
  await crowd.closed()
  const { latency, memory } = await watching.end()
  const more = (memory.most - memory.before) / MIB
  record('8 × 2000 requests at once', { moreMiB: more, p99: latency.p99, most: latency.most })
  expect(more).toBeLessThan(150)
})
