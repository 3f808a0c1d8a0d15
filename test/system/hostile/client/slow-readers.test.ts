/**
 * Who: anybody who may pull.
 * Tries: to request something large three hundred times and read nothing of the answers, so that each keeps memory of
 * the registry.
 * Gets: small pieces, or a cut. Others are answered as before, and a reader that took nothing for a minute is cut.
 */

import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { imageOf, pushBlob, pushConfig, pushImage, pushManifest } from '../../../support/push.ts'
import { type RegistryProcess, startRegistry } from '../../../support/registry-process.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'
import { get, openCrowd, pusherTo } from './greedy.ts'

const READERS = 300

/** Of an honest client meanwhile. */
const PULLS = 10

/** Milliseconds; on a machine that does nothing else it is a twentieth of it. */
const LONGEST_WAIT = 5000

/** Sends `requests` in turns and reads nothing, while others go on. Gives what it cost. */
async function readSlowly(
  registry: RegistryProcess,
  attack: string,
  requests: readonly string[],
  honest: string,
) {
  await using watching = await watch(registry)
  await using _crowd = await openCrowd(registry, READERS, (number) => requests[number % requests.length]!)
  const start = performance.now()
  const pulls = new Set<string>()
  for (let pull = 0; pull < PULLS; pull++) pulls.add(await pulled(registry.url + honest))
  const pullMs = (performance.now() - start) / PULLS
  const { latency, memory } = await watching.end()
  const more = (memory.most - memory.before) / MIB
  record(attack, { moreMiB: more, median: latency.median, p99: latency.p99, most: latency.most, pullMs })
  return { more, latency, pulls: [...pulls] }
}

async function pulled(url: string): Promise<string> {
  const response = await fetch(url)
  return `${response.status}, ${(await response.arrayBuffer()).byteLength} bytes`
}

it('a blob of 64 MiB', async () => {
  await using registry = await startRegistry()
  const { digest } = await pushBlob(pusherTo(registry), 'a', randomBytes(64 * MIB))
  const path = `/v2/a/blobs/${digest}`
  // Each at another offset, so that none shares what was read for another.
  const requests = Array.from({ length: READERS }, (_, number) =>
    get(path, `Range: bytes=${number * 4099}-\r\n`),
  )
  const { more, latency, pulls } = await readSlowly(registry, '300 slow readers of 64 MiB', requests, path)
  expect(pulls).toEqual([`200, ${64 * MIB} bytes`])
  expect(more).toBeLessThan(300)
  expect(latency.p99).toBeLessThan(LONGEST_WAIT)
})

it('manifests of 4 MiB', async () => {
  await using registry = await startRegistry()
  const pusher = pusherTo(registry)
  const image = imageOf(await pushConfig(pusher, 'a'), [])
  const paths: string[] = []
  for (let number = 0; number < 20; number++) {
    const filler = randomBytes(1.4 * MIB).toString('hex')
    const { digest } = await pushManifest(pusher, 'a', { ...image, annotations: { filler } })
    paths.push(`/v2/a/manifests/${digest}`)
  }
  // More than the kernel takes off the registry's hands.
  const requests = paths.map((path) => get(path).repeat(4))
  const { more, latency, pulls } = await readSlowly(
    registry,
    '300 slow readers of manifests',
    requests,
    paths[0]!,
  )
  expect(pulls).toEqual([expect.stringMatching(/^200, /)])
  expect(more).toBeLessThan(200)
  expect(latency.p99).toBeLessThan(LONGEST_WAIT)
})

it('pages of referrers with annotations of 3 MiB', async () => {
  await using registry = await startRegistry()
  const pusher = pusherTo(registry)
  const subject = await pushImage(pusher, 'a')
  const annotations = { filler: 'x'.repeat(3 * MIB) }
  await pushImage(pusher, 'a', { subject, artifactType: 'example/signature', annotations })
  const path = `/v2/a/referrers/${subject.digest}`
  const { more, latency, pulls } = await readSlowly(
    registry,
    '300 slow readers of referrers',
    [get(path).repeat(4)],
    path,
  )
  expect(pulls).toEqual([expect.stringMatching(/^200, /)])
  expect(more).toBeLessThan(130)
  expect(latency.p99).toBeLessThan(LONGEST_WAIT)
})
