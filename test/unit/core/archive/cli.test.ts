import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { startRegistry } from '../../../support/registry-process.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import {
  configOf,
  descriptorOf,
  dockerSave,
  INDEX,
  indexOf,
  layoutOf,
  MANIFEST,
  manifestOf,
  named,
  tarOf,
} from './tars.ts'

const MAIN = fileURLToPath(new URL('../../../../src/node/cli/main.ts', import.meta.url))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const flotilla = (folder: string, ...commandLine: string[]): Promise<Ended> =>
  promisify(execFile)(process.execPath, [MAIN, ...commandLine], { cwd: folder }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )

describe('flotilla push and flotilla save', () => {
  it('move an image from file to file', async () => {
    await using registry = await startRegistry()
    await using folder = await openTemporaryFolder()
    await writeFile(join(folder.path, 'app.tar'), await tarOf(dockerSave()))
    const pushed = await flotilla(folder.path, 'push', 'app.tar', '--to', registry.url)
    expect(pushed).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^app:1@sha256:\w{64}\n$/),
    })
    const saved = await flotilla(folder.path, 'save', 'app:1', '-o', 'saved.tar', '--from', registry.url)
    expect(saved).toEqual({ code: 0, stdout: '', stderr: '' })
    const again = await flotilla(folder.path, 'push', 'saved.tar', 'other:2', '--to', registry.url)
    expect(again.stdout).toBe(pushed.stdout.replace('app:1', 'other:2'))
    expect((await readdir(folder.path)).sort()).toEqual(['app.tar', 'saved.tar'])
  })

  it.each([
    [['push', 'none.tar'], /cannot use none\.tar: no such file or directory/],
    [['push', 'text.tar'], /text\.tar: this is a text file, not an image archive; make one by: docker save/],
    [['push', 'app.tar', 'A:1'], /A:1 is not repository:tag/],
    [['push', 'app.tar', '--to', 'http://127.0.0.1:1'], /no registry answers on http:\/\/127\.0\.0\.1:1/],
    [['push', 'app.tar', '--to', 'nonsense'], /argument 'nonsense' is invalid\. It is not a URL/],
    [['save', 'app:1', '-o', 'a.tar', '--from', 'http://127.0.0.1:1'], /no registry answers on/],
    [['save', 'app:1'], /required option '-o, --output <file\.tar>'/],
    [['save', 'app:1', '-o', 'a.tar', '--format', 'zip'], /Allowed choices are docker, oci/],
  ])('say why they cannot: %j', async (commandLine, message) => {
    await using folder = await openTemporaryFolder()
    await writeFile(join(folder.path, 'app.tar'), await tarOf(dockerSave()))
    await writeFile(join(folder.path, 'text.tar'), 'text '.repeat(500))
    const { code, stdout, stderr } = await flotilla(folder.path, ...commandLine)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect((await readdir(folder.path)).sort()).toEqual(['app.tar', 'text.tar'])
  })

  it.each<[string, (tar: Buffer) => Uint8Array]>([
    ['cut.tar.gz', (tar) => tar.subarray(0, tar.length / 2)],
    ['checksum.tar.gz', (tar) => tar.fill(0, tar.length - 8)],
    ['zeros.tar.gz', (tar) => Buffer.concat([tar, Buffer.alloc(10_240)])],
    ['junk.tar.gz', (tar) => Buffer.concat([tar, Buffer.from('junk')])],
  ])('say in a line that %s is damaged', async (name, spoil) => {
    await using folder = await openTemporaryFolder()
    await writeFile(join(folder.path, name), spoil(gzipSync(await tarOf(dockerSave()))))
    const { code, stdout, stderr } = await flotilla(folder.path, 'push', name, '--to', 'http://127.0.0.1:1')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      new RegExp(`^flotilla: .*${name}.*: the archive is damaged or cut off \\(.+\\); download it again\n$`),
    )
  })

  it('say what of an archive was not pushed', async () => {
    await using registry = await startRegistry()
    await using folder = await openTemporaryFolder()
    const config = configOf(['one'])
    const manifest = manifestOf(config, ['one'])
    const platform = (architecture: string) => ({ platform: { os: 'linux', architecture } })
    const index = indexOf([
      descriptorOf(manifest, MANIFEST, platform('amd64')),
      descriptorOf('missing', MANIFEST, platform('arm64')),
    ])
    const layout = layoutOf([descriptorOf(index, INDEX, named('app:1'))], [index, manifest, config, 'one'])
    await writeFile(join(folder.path, 'app.tar'), await tarOf([...layout, ['manifest.json', '{}']]))
    expect(await flotilla(folder.path, 'push', 'app.tar', '--to', registry.url)).toEqual({
      code: 0,
      stdout: `app:1@${descriptorOf(manifest, MANIFEST).digest}\n`,
      stderr: [
        'flotilla: app.tar: manifest.json is ignored: "manifest.json" is not a list of images; save the archive again\n',
        'flotilla: app:1: the archive lacks linux/arm64; pushed: linux/amd64\n',
      ].join(''),
    })
  })

  it('leave no file behind for an image that is not there, or a folder that is not', async () => {
    await using registry = await startRegistry()
    await using folder = await openTemporaryFolder()
    const unknown = await flotilla(folder.path, 'save', 'app:1', '-o', 'a.tar', '--from', registry.url)
    const message = `flotilla: cannot save app:1 from ${registry.url}: manifest unknown\n`
    expect(unknown).toEqual({ code: 1, stdout: '', stderr: message })
    await writeFile(join(folder.path, 'app.tar'), await tarOf(dockerSave()))
    await flotilla(folder.path, 'push', 'app.tar', '--to', registry.url)
    const nowhere = await flotilla(folder.path, 'save', 'app:1', '-o', 'none/a.tar', '--from', registry.url)
    expect(nowhere.stderr).toBe('flotilla: cannot use none/a.tar: no such file or directory\n')
    expect(await readdir(folder.path)).toEqual(['app.tar'])
  })
})
