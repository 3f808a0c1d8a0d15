/**
 * Who: anybody who may push.
 * Tries: to send three hundred manifests of 4 MiB, except for their last bytes, and stop: the registry has to have a
 * manifest in memory to read it.
 * Gets: those beyond 48 MiB are cut, the ones that stopped first. Others push meanwhile, large manifests too.
 */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { MIB } from '../../../support/bytes.ts'
import { imageOf, pushConfig, pushImage, pushManifest } from '../../../support/push.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'
import { openCrowd, pusherTo } from './greedy.ts'

const head = (path: string, fields: string): string =>
  `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${OCI_MANIFEST}\r\n${fields}\r\n\r\n`

it('manifests that never end leave memory for others', async () => {
  await using registry = await startRegistry()
  const pusher = pusherTo(registry)
  const image = imageOf(await pushConfig(pusher, 'a'), [])
  const unended = Buffer.concat([
    Buffer.from(head('/v2/a/manifests/latest', `Content-Length: ${4 * MIB}`)),
    Buffer.alloc(4 * MIB - 2, ' '),
  ])
  await using watching = await watch(registry)
  await using _crowd = await openCrowd(registry, 300, () => unended)
  const start = performance.now()
  await pushImage(pusher, 'b', { tag: 'small' })
  const filler = randomBytes(1.5 * MIB).toString('hex')
  await pushManifest(pusher, 'a', { ...image, annotations: { filler } })
  const honestMs = performance.now() - start
  const { latency, memory } = await watching.end()
  const more = (memory.most - memory.before) / MIB
  record('300 stalled manifests', { moreMiB: more, p99: latency.p99, most: latency.most, honestMs })
  expect(more).toBeLessThan(350)
  expect(latency.p99).toBeLessThan(5000)
})

it('manifests that come byte by byte take no more than their bytes', async () => {
  await using registry = await startRegistry()
  const begin = head('/v2/a/manifests/latest', 'Transfer-Encoding: chunked')
  const chunks = begin + '1\r\n \r\n'.repeat(100 * 1024)
  await using watching = await watch(registry)
  await using _crowd = await openCrowd(registry, 10, () => chunks)
  await using last = await openCrowd(registry, 1, () => `${chunks}0\r\n\r\n`)
  const [answer] = await once(last.sockets[0]!, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1.1 400 /)
  const { latency, memory } = await watching.end()
  const more = (memory.most - memory.before) / MIB
  record('11 manifests in chunks of a byte', { moreMiB: more, p99: latency.p99, most: latency.most })
  expect(more).toBeLessThan(300)
})
