/** The thread that hashes the leaves of files: it also works while a previous one is about to end. */

import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { HashLeaves } from '../../../../src/core/dag/leaves.ts'
import { LEAF_SIZE } from '../../../../src/core/leaf.ts'
import { FileContent } from '../../../../src/node/disk/file-content.ts'
import { createFileHasher, IDLE_MS } from '../../../../src/node/leaves/pool.ts'
import { openTemporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts'

const bytes = randomBytes(2 * LEAF_SIZE + 5)
const leaves = [0, 1, 2].map((number) => bytes.subarray(number * LEAF_SIZE, (number + 1) * LEAF_SIZE))
const HASHES = Buffer.concat(leaves.map((leaf) => createHash('sha256').update(leaf).digest()))

let folder: TemporaryFolder
let content: FileContent
let hash: HashLeaves

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  folder = await openTemporaryFolder()
  const path = join(folder.path, 'blob')
  await writeFile(path, bytes)
  content = new FileContent(path, bytes.length)
  hash = createFileHasher()
})

afterEach(async () => {
  vi.advanceTimersByTime(IDLE_MS) // ends the thread
  vi.useRealTimers()
  await folder[Symbol.asyncDispose]()
})

async function expectHashes(): Promise<void> {
  const hashes = await hash(content, new AbortController().signal)
  expect(Buffer.compare(hashes, HASHES)).toBe(0)
}

it('hashes one file after another', async () => {
  for (let time = 0; time < 3; time++) await expectHashes()
})

it('starts again after it was idle, even before the old thread has ended', async () => {
  await expectHashes()
  vi.advanceTimersByTime(IDLE_MS)
  await expectHashes()
})

it('starts again after aborted work', async () => {
  const controller = new AbortController()
  const broken = hash(content, controller.signal)
  controller.abort()
  await expect(broken).rejects.toThrow('aborted')
  await expectHashes()
})

it('fails if the file is missing, and continues with the next', async () => {
  const gone = new FileContent(join(folder.path, 'gone'), 5)
  await expect(hash(gone, new AbortController().signal)).rejects.toThrow('ENOENT')
  await expectHashes()
})
