import { execFile } from 'node:child_process'
import { mkdir, open, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { openTar } from '../../../../../src/core/archive/tar/tar.ts'
import type { Sliceable } from '../../../../../src/core/client/sliceable.ts'
import { openSliceable } from '../../../../../src/node/cli/push.ts'
import { PATIENCE } from '../../../../support/patience.ts'
import { openTemporaryFolder } from '../../../../support/temporary-folder.ts'

const LONG = `${'folder/'.repeat(30)}${'n'.repeat(120)}`

describe("a tar of the system's own tar", () => {
  it.each(['gnu', 'oldgnu', 'pax', 'posix'])('with names of any length (%s)', async (format) => {
    await using folder = await openTemporaryFolder()
    await mkdir(join(folder.path, dirname(LONG)), { recursive: true })
    await writeFile(join(folder.path, LONG), 'long')
    await writeFile(join(folder.path, 'wörld'), 'short')
    await symlink(LONG, join(folder.path, 'link'))
    await tar(folder.path, `--format=${format}`, 'folder', 'wörld', 'link')
    const read = await openTar(await openSliceable(join(folder.path, 'out.tar')))
    for (const [name, content] of [
      [LONG, 'long'],
      ['wörld', 'short'],
      ['link', 'long'],
    ] as const) {
      const file = read.find(name)
      expect(Buffer.from(await read.read(file!)).toString()).toBe(content)
    }
    expect(read.find('none')).toBeUndefined()
  })

  it.each(['gnu', 'pax'])('with a file of more than 8 GiB (%s)', async (format) => {
    await using folder = await openTemporaryFolder()
    const size = 9 * 2 ** 30
    const large = await open(join(folder.path, 'large'), 'w')
    await large.truncate(size)
    await large.close()
    await writeFile(join(folder.path, 'last'), 'last')
    // Only the headers are tar's: it would write all of the zeros.
    const out = join(folder.path, 'out.tar')
    const head = await headOf(folder.path, format)
    const { stdout: tail } = await tarTo(folder.path, 'last')
    const file = await open(out, 'w')
    await file.write(head)
    await file.write(tail, 0, tail.length, head.length + size)
    await file.close()

    const read = await openTar(await openSliceable(out))
    expect(read.find('large')!.size).toBe(size)
    expect(Buffer.from(await read.read(read.find('last')!)).toString()).toBe('last')
    const names: string[] = []
    for await (const [{ name }, content] of read.contents([read.find('last')!, read.find('large')!])) {
      names.push(name)
      expect((content as Sliceable).size).toBe(name === 'large' ? size : 4)
    }
    expect(names).toEqual(['large', 'last'])
  })
})

describe('a compressed file that is not a tar', () => {
  it('is closed', async () => {
    const start = gzipSync('text '.repeat(500_000), { level: 0 }).subarray(0, 2_000_000)
    const cancel = vi.fn()
    const stream = () => new ReadableStream({ pull: (to) => to.enqueue(start.slice()), cancel })
    const file = { size: 1e9, slice: () => new Blob([start]), stream } as unknown as Sliceable
    await expect(openTar(file)).rejects.toThrow('this is a text file')
    await vi.waitFor(() => expect(cancel).toHaveBeenCalled(), PATIENCE)
  })
})

const tar = (folder: string, ...commandLine: string[]) =>
  promisify(execFile)('tar', ['-C', folder, '-cf', join(folder, 'out.tar'), ...commandLine])

const tarTo = (folder: string, ...commandLine: string[]) =>
  promisify(execFile)('tar', ['-C', folder, '-c', ...commandLine], { encoding: 'buffer' })

/** What tar writes before the content of `large`. */
async function headOf(folder: string, format: string): Promise<Buffer> {
  const command = `tar -C "$0" -c --format=${format} large | head -c 1536`
  const { stdout } = await promisify(execFile)('sh', ['-c', command, folder], { encoding: 'buffer' })
  return stdout.subarray(0, format === 'pax' ? 1536 : 512)
}
