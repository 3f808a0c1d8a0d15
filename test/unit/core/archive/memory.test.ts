import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../../../support/command.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'

const MIB = 2 ** 20

it.each([
  ['3 GiB', 3072 * MIB, 'plain'],
  ['1 GiB, compressed', 1024 * MIB, 'gzip'],
])(
  'an image of %s goes in and out in the memory of a few chunks',
  async (_, layer, packing) => {
    await using folder = await openTemporaryFolder()
    const program = join(import.meta.dirname, 'large-image.ts')
    const output = await run(process.execPath, [program, folder.path, `${layer}`, packing])
    const { received, sent, size, rss } = JSON.parse(output)
    expect(received).toBeGreaterThan(layer)
    expect(sent).toBe(size)
    expect(sent).toBeGreaterThan(layer)
    expect(rss).toBeLessThan(512 * MIB)
  },
  300_000,
)
