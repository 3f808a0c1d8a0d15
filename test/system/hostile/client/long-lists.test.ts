/**
 * Who: anybody who may pull, from a registry that somebody filled.
 * Tries: to request lists so long that answering occupies the only thread: all tags of a repository with 100,000, or
 * referrers with annotations of megabytes.
 * Gets: a page, and the link to the next one; annotations as they are stored.
 */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { pushImage } from '../../../support/push.ts'
import { type RegistryProcess, startRegistry } from '../../../support/registry-process.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'
import { pusherTo } from './greedy.ts'

const TAGS = 100_000

/** Asks for it so many times at once. Gives how long others waited, and the last answer. */
async function askAtOnce(registry: RegistryProcess, attack: string, path: string, times: number) {
  await using watching = await watch(registry)
  const answers = await Promise.all(
    Array.from({ length: times }, async () => {
      const response = await fetch(registry.url + path)
      return {
        link: response.headers.get('link'),
        json: (await response.json()) as Record<string, unknown[]>,
      }
    }),
  )
  const { latency, memory } = await watching.end()
  const more = (memory.most - memory.before) / MIB
  record(attack, { moreMiB: more, median: latency.median, p99: latency.p99, most: latency.most })
  return { latency, more, answer: answers.at(-1)! }
}

it('100,000 tags, requested forty times at once', async () => {
  await using registry = await startRegistry()
  await pushImage(pusherTo(registry), 'a', { tag: 'latest' })
  await registry.stop()
  fillWithTags(join(registry.data, 'catalog.db'))
  await registry.restart()
  const { latency, more, answer } = await askAtOnce(
    registry,
    '40 × all of 100,000 tags',
    '/v2/a/tags/list',
    40,
  )
  expect(latency.most).toBeLessThan(2000)
  expect(more).toBeLessThan(100)
  expect(answer.json['tags']).toHaveLength(1000)
  expect(answer.link).toMatch(/^<\/v2\/a\/tags\/list\?.*>; rel="next"$/)
})

function fillWithTags(file: string): void {
  using database = new DatabaseSync(file)
  database.exec(`INSERT INTO tags (repository, name, manifest)
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${TAGS})
    SELECT repository, 'v' || n || '-' || hex(randomblob(40)), manifest FROM tags, numbers WHERE name = 'latest'`)
}

it('the repositories, beside a million that nobody sees, requested forty times at once', async () => {
  await using registry = await startRegistry()
  await pushImage(pusherTo(registry), 'zoo', { tag: 'latest' })
  await registry.stop()
  fillWithRepositories(join(registry.data, 'catalog.db'))
  await registry.restart()
  const { latency, answer } = await askAtOnce(
    registry,
    '40 × a million empty repositories',
    '/v2/_catalog',
    40,
  )
  expect(latency.most).toBeLessThan(2000)
  expect(answer.json['repositories']).toEqual(['zoo'])
})

function fillWithRepositories(file: string): void {
  using database = new DatabaseSync(file)
  database.exec(`INSERT INTO repositories (name)
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000)
    SELECT 'a/' || n FROM numbers`)
}

it('referrers with large annotations, requested twenty times at once', async () => {
  await using registry = await startRegistry()
  const pusher = pusherTo(registry)
  const subject = await pushImage(pusher, 'a')
  for (let number = 0; number < 16; number++) {
    const annotations = { number: String(number), filler: '\\"'.repeat(0.9 * MIB) }
    await pushImage(pusher, 'a', { subject, artifactType: 'example/signature', annotations })
  }
  const path = `/v2/a/referrers/${subject.digest}`
  const { latency, answer } = await askAtOnce(registry, '20 × referrers with 3.6 MB of annotations', path, 20)
  expect(latency.most).toBeLessThan(4000)
  expect(answer.json['manifests']).toHaveLength(1)
})
