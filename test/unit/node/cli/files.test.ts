/** `flotilla files`: what is in the layers of an image of a running registry. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RegistryProcess, startRegistry } from '../../../support/registry-process.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { pushInsideImages } from '../../../system/e2e/support/inside-images.ts'
import { type Ended, failed, flotilla, optionsIn } from './command.ts'

const resources = new AsyncDisposableStack()
let registry: RegistryProcess
let folder: string

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  registry = resources.use(await startRegistry())
  const peer = {
    fetch: (method: string, path: string, asking: object = {}) =>
      fetch(new URL(path, registry.url), { method, ...asking } as RequestInit),
  }
  await pushInsideImages(peer, 'app')
})

afterAll(() => resources.disposeAsync())

const files = (...words: string[]): Promise<Ended> =>
  flotilla(['files', ...words, '--from', registry.url], optionsIn(folder))

it('tells which layers are large, and what they hide', async () => {
  const { code, stdout, stderr } = await files('app:1')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('layer 2 has 1 invalid name, which is left out')
  expect(stdout).toMatch(/^1 +sha256:\w{12} +\S+ \w+ +781 KiB +488 KiB +4$/m)
  expect(stdout).toContain('488 KiB hidden by later layers:\n  488 KiB /var/cache\n')
  expect(stdout).toMatch(/^293 KiB +1 +usr\/$/m)
})

it('lists a folder, whatever its names are', async () => {
  const { stdout } = await files('app:1', '/app')
  expect(stdout).toContain('server.js')
  for (const letter of ['\u001b', '\u202e']) expect(stdout).not.toContain(letter)
})

it.each([
  [['app:none'], 'cannot read app:none from URL: manifest unknown'],
  [['app:1', '/nowhere'], 'cannot read app:1 from URL: the image has no folder "/nowhere"'],
  [['A:1'], 'A:1 is neither repository:tag nor repository@digest'],
])('says why there are none: %s', async (words, reason) => {
  expect(await files(...words)).toEqual(failed(reason.replace('URL', registry.url)))
})
