/** Archives in the built page: decompression is loaded on demand, and messages about broken archives. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { dockerSave, tarOf } from '../../unit/core/archive/tars.ts'
import { openBrowser } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let page: Page
let folder: string

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  const site = resources.use(await servePage())
  page = await resources.use(await openBrowser()).open(site.url)
})

afterAll(() => resources.disposeAsync())

const transfers = () => page.getByRole('region', { name: /transfer/i })

async function drop(name: string, content: Uint8Array): Promise<void> {
  const path = join(folder, name)
  await writeFile(path, content)
  await dropFiles(page, [path])
}

const archive = (name: string, more: Parameters<typeof tarOf>[0] = []) =>
  tarOf([...dockerSave({ tags: [`${name}:1`] }), ...more])

it.each([
  ['plain.tar', (tar: Uint8Array) => tar],
  ['members.tar.gz', (tar) => Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))])],
  [
    'frames.tar.zst',
    (tar) => Buffer.concat([zstdCompressSync(tar.subarray(0, 700)), zstdCompressSync(tar.subarray(700))]),
  ],
] as [string, (tar: Uint8Array) => Uint8Array][])('pushes %s', async (name, compress) => {
  const image = name.split('.', 1)[0]!
  await drop(name, compress(await archive(image)))
  await transfers()
    .getByRole('link', { name: `${image}:1` })
    .waitFor()
})

it('says what it skipped in an archive', async () => {
  await drop('hybrid.tar', await archive('hybrid', [['index.json', '{"manifests":null}']]))
  await transfers().getByRole('link', { name: 'hybrid:1' }).waitFor()
  await transfers()
    .getByText('Index.json is ignored: "index.json" lists no manifests; save the archive again.')
    .waitFor()
})

it.each([
  [
    'cut.tar.gz',
    (tar: Uint8Array) => gzipSync(tar).subarray(0, -9),
    'The archive is damaged or cut off (unexpected end); download it again.',
  ],
  [
    'zeros.tar.gz',
    (tar) => Buffer.concat([gzipSync(tar), Buffer.alloc(512)]),
    'The archive is damaged or cut off (incorrect header check)',
  ],
  [
    'cut.tar.zst',
    (tar) => zstdCompressSync(tar).subarray(0, -1),
    'The archive is damaged or cut off (unexpected EOF)',
  ],
  [
    'packed.tar.xz',
    () => Buffer.from('fd377a585a00'.padEnd(200, '0'), 'hex'),
    'The archive is compressed with xz, which is not supported; unpack it, or use gzip or zstd.',
  ],
] as [string, (tar: Uint8Array) => Uint8Array, string][])(
  'says what is wrong with %s',
  async (name, spoil, message) => {
    await drop(name, spoil(await archive('damaged')))
    const item = transfers().getByRole('listitem').filter({ hasText: name })
    expect(await item.getByRole('alert').textContent()).toContain(message)
  },
)
