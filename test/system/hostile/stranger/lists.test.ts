/**
 * Who: anybody who is let in as a peer.
 * Tries: to list all names, unshared ones too, by made-up cursors; and to occupy the only thread by requesting long
 * lists many times at once.
 * Gets: pages of what is shared, in a part of the time.
 */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readFrame } from '../../../../src/core/swarm/protocol/frame.ts'
import { MAX_PAGE_ENTRIES } from '../../../../src/core/swarm/protocol/list-messages.ts'
import { MIB } from '../../../support/bytes.ts'
import { pushImage } from '../../../support/push.ts'
import { asked, type RegistryPeer, startRegistryPeer } from '../../peers/registry-peer.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'

const TAGS = 100_000
const SECRETS = 50_000

/** Milliseconds after which a question is given up. */
const PATIENCE = 10_000

let registry: RegistryPeer

beforeAll(async () => {
  const environment = { REGISTRY_SWARM_SHARE_DENY: '["secret/.*"]' }
  registry = await startRegistryPeer([], { environment })
  for (const name of ['a', 'secret/first', 'zoo']) await pushImage(asked(registry), name, { tag: 'latest' })
  await registry.stop()
  fill(join(registry.data, 'catalog.db'))
  await registry.restart()
  await registry.status() // which waits until it is a peer again
})

afterAll(() => registry[Symbol.asyncDispose]())

/** A repository with many tags, and many that are not shared. */
function fill(file: string): void {
  using database = new DatabaseSync(file)
  const numbers = (most: number) =>
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${most})`
  database.exec(`BEGIN;
    INSERT INTO tags (repository, name, manifest) ${numbers(TAGS)}
      SELECT repository, 'v' || n, manifest FROM tags JOIN repositories ON id = repository, numbers
      WHERE tags.name = 'latest' AND repositories.name = 'a';
    INSERT OR IGNORE INTO tag_history (repository, name, digest, tagged_at)
      SELECT tags.repository, tags.name, digest, 1 FROM tags
      JOIN manifests ON manifests.id = manifest JOIN blobs ON blobs.id = blob;
    INSERT INTO repositories (name) ${numbers(SECRETS)} SELECT 'secret/' || n FROM numbers;
    INSERT INTO manifests (repository, blob, media_type)
      SELECT repositories.id, blob, media_type FROM manifests, repositories
      WHERE manifests.id = (SELECT min(id) FROM manifests) AND repositories.name GLOB 'secret/[0-9]*';
    COMMIT`)
}

interface Page {
  readonly entries: { readonly name: string }[]
  readonly more: boolean
}

/** By HTTP; `undefined` where it is no question, or takes too long. */
async function ask(question: object): Promise<{ page?: Page | null; bytes: number } | undefined> {
  const response = await fetch(`${registry.url}/flotilla/ask`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => undefined)
  const bytes = response?.ok ? new Uint8Array(await response.arrayBuffer()) : undefined
  if (!bytes) return undefined
  let at = 0
  const read = async (most: number) => {
    const chunk = bytes.subarray(at, at + most)
    at += chunk.length
    return chunk
  }
  const { ok } = (await readFrame({ read }, bytes.length)) as { ok: { page?: Page } | Page }
  return { page: 'page' in ok ? ok.page : (ok as Page), bytes: bytes.length }
}

it('lists nothing that is not shared, wherever a list is begun', async () => {
  const cursors = [
    '',
    'a',
    'secret',
    'secret/',
    'secret/1',
    'secret/first',
    'secret\u0000',
    '\u{10ffff}',
    's'.repeat(255),
  ]
  for (const last of cursors) {
    const answer = await ask({ ask: 'repositories', last, limit: MAX_PAGE_ENTRIES })
    const names = answer!.page!.entries.map(({ name }) => name)
    expect(names).toEqual(['a', 'zoo'].filter((name) => name > last))
    expect(answer!.page!.more).toBe(false)
  }
  for (const repository of ['secret/first', 'secret/1', 'nothing', '', '\u0000', '%'])
    expect((await ask({ ask: 'tags', repository, limit: 1 }))!.page).toBeNull()
})

it.each<[string, object]>([
  ['too many entries', { limit: MAX_PAGE_ENTRIES + 1 }],
  ['none', { limit: 0 }],
  ['a part of one', { limit: 0.5 }],
  ['an endless cursor', { limit: 1, last: 'a'.repeat(256) }],
  ['a cursor that is no text', { limit: 1, last: { $ne: '' } }],
])('answers no question for %s', async (_, more) => {
  expect(await ask({ ask: 'repositories', ...more })).toBeUndefined()
})

it('answers others meanwhile, however often long lists are requested', async () => {
  await using watching = await watch(registry)
  const questions = Array.from({ length: 100 }, (_, number) =>
    number % 2 === 0
      ? { ask: 'tags', repository: 'a', last: `v${number}`, limit: MAX_PAGE_ENTRIES }
      : { ask: 'repositories', last: `secret/${number}`, limit: MAX_PAGE_ENTRIES },
  )
  const answers = await Promise.all(questions.map(ask))
  const { latency, memory } = await watching.end()
  const largest = Math.max(...answers.map((answer) => answer?.bytes ?? 0))
  const more = (memory.most - memory.before) / MIB
  record('100 × long lists', { moreMiB: more, p99: latency.p99, most: latency.most, largest })
  expect(latency.most).toBeLessThan(2000)
  expect(more).toBeLessThan(150)
  expect(largest).toBeLessThan(MIB / 4)
  expect(answers.filter((answer) => answer?.page).length).toBeGreaterThan(0)
})
