import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../support/command.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const MIB = 2 ** 20

it('an image of 3 GiB goes in and out in the memory of a few chunks', async () => {
  await using folder = await openTemporaryFolder()
  const program = join(import.meta.dirname, 'large-image.ts')
  const { received, sent, size, rss } = JSON.parse(await run(process.execPath, [program, folder.path]))
  expect(received).toBeGreaterThan(3072 * MIB)
  expect(sent).toBe(size)
  expect(sent).toBeGreaterThan(3072 * MIB)
  expect(rss).toBeLessThan(512 * MIB)
}, 300_000)
