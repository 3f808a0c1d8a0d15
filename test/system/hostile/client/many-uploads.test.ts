/**
 * Who: anybody who may push.
 * Tries: to begin uploads without end and send nothing, as each takes a row and a file for a week.
 * Gets: ten thousand of them; then the oldest empty ones give way. An upload that has bytes stays, and others begin
 * theirs as before.
 */

import { readdir } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { digestOf } from '../../../support/digest.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'

const BEGUN = 12_000
const AT_ONCE = 32

it('uploads that are begun and left', async () => {
  await using registry = await startRegistry({
    config: 'version: 0.1\nlog:\n  accesslog:\n    disabled: true\n',
  })
  const first = await begin(registry.url)
  const half = await fetch(first, { method: 'PATCH', body: Buffer.from('half of it, ') })
  expect(half.status).toBe(202)
  await using watching = await watch(registry)
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const lane = async () => {
    for (let count = 0; count < BEGUN / AT_ONCE; count++) await beginBy(agent, registry.url)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  agent.destroy()
  const { latency } = await watching.end()
  const files = (await readdir(join(registry.data, 'uploads'))).length
  record('12,000 uploads without a byte', { files, p99: latency.p99, most: latency.most })
  expect(files).toBeLessThan(10_100)

  const whole = 'half of it, and the rest'
  const last = await begin(registry.url)
  for (const [location, body] of [
    [first, 'and the rest'],
    [last, whole],
  ] as const) {
    const end = `${location}?digest=${digestOf(whole)}`
    expect((await fetch(end, { method: 'PUT', body })).status).toBe(201)
  }
})

async function begin(url: string): Promise<string> {
  const response = await fetch(`${url}/v2/a/blobs/uploads/`, { method: 'POST' })
  expect(response.status).toBe(202)
  return new URL(response.headers.get('location')!, url).href
}

const beginBy = (agent: Agent, url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = request(`${url}/v2/a/blobs/uploads/`, { method: 'POST', agent }, (response) =>
      response.resume().once('end', resolve),
    )
    sent.once('error', reject).end()
  })
