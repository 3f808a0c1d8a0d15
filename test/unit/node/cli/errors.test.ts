/** How every command fails: with one line on standard error that names the problem, and code 1. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RegistryProcess, startRegistry } from '../../../support/registry-process.ts'
import { dockerSave, tarOf } from '../../core/archive/tars.ts'
import { failed, flotilla, inShell, MAIN, type Options, optionsIn } from './command.ts'

let folder: string
let registry: RegistryProcess
let options: Options

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-errors-'))
  options = optionsIn(folder)
  registry = await startRegistry()
  const tar = await tarOf(dockerSave())
  const zipped = gzipSync(tar)
  const files = {
    'app.tar': tar,
    'empty.tar': '',
    'text.tar': 'text '.repeat(500),
    'half.tar.gz': zipped.subarray(0, zipped.length / 2),
    'wrong-sum.tar.gz': Buffer.concat([zipped.subarray(0, -8), Buffer.alloc(8)]),
    'only-magic.tar.gz': Buffer.from([0x1f, 0x8b]),
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  await mkdir(join(folder, 'folder'))
  await symlink('nowhere', join(folder, 'link.tar'))
  await promisify(execFile)('mkfifo', [join(folder, 'pipe')])
  await flotilla(['push', 'app.tar', '--to', registry.url], options)
})

afterAll(async () => {
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** URL, DATA and HOST stand for those of the registry that runs. */
const filledIn = (text: string): string =>
  text.replaceAll('URL', registry.url).replaceAll('DATA', registry.data).replaceAll('HOST', registry.host)

const run = (commandLine: string) => flotilla(commandLine.split(' ').map(filledIn), options)

describe('flotilla push', () => {
  it.each([
    ['none.tar', 'cannot use none.tar: no such file or directory'],
    ['link.tar', 'cannot use link.tar: no such file or directory'],
    ['app.tar/x', 'cannot use app.tar/x: not a directory'],
    ['empty.tar', 'empty.tar is empty; save the image again'],
    ['folder', 'folder is a folder; pack it first: tar -C folder -cf image.tar .'],
    ['pipe', 'pipe is not a regular file; copy it to one first'],
    ['/dev/null', '/dev/null is not a regular file; copy it to one first'],
  ])('%s', async (file, line) => {
    expect(await run(`push ${file} --to URL`)).toEqual(failed(line))
  })

  it.each(['text.tar', 'half.tar.gz', 'wrong-sum.tar.gz', 'only-magic.tar.gz'])(
    'names %s, which is no archive or a damaged one',
    async (file) => {
      const { code, stdout, stderr } = await run(`push ${file} --to URL`)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^flotilla: .+\n$/)
      expect(stderr).toContain(file)
      expect(stderr).not.toMatch(/node:|\.ts:|TypeError/)
    },
  )

  it.each([
    ['app.tar A:1', 'A:1 is not repository:tag'],
    [
      'app.tar --to https://HOST',
      'no registry answers on https://HOST: it does not speak TLS; try http://; use --to for another registry',
    ],
    ['', "missing required argument 'archive.tar'"],
    ['app.tar a:1 b:1', "too many arguments for 'push'. Expected 2 arguments but got 3."],
  ])('%s', async (rest, line) => {
    expect(await run(`push ${rest}`.trim())).toEqual(failed(filledIn(line)))
  })
})

it('flotilla push takes no address without a scheme', async () => {
  expect(await run('push app.tar --to 127.0.0.1:5000')).toEqual(
    failed(
      "option '--to <URL>' argument '127.0.0.1:5000' is invalid. It is not a URL such as http://127.0.0.1:5000.",
    ),
  )
})

describe('flotilla save', () => {
  it.each([
    ['none:1 -o out', 'cannot save none:1 from URL: manifest unknown'],
    ['app:1 -o folder', 'cannot save app:1 from URL: folder is a folder; name a file in it'],
    ['app:1 -o none/out', 'cannot use none/out: no such file or directory'],
    ['app:1 -o app.tar/out', 'cannot use app.tar/out: not a directory'],
    ['A -o out', 'A is neither repository:tag nor repository@digest'],
    ['app@sha256:12 -o out', 'app@sha256:12 is neither repository:tag nor repository@digest'],
    ['app:1', "required option '-o, --output <file.tar>' not specified"],
  ])('%s', async (rest, line) => {
    const before = await readdir(folder)
    expect(await run(`save ${rest} --from URL`)).toEqual(failed(filledIn(line)))
    expect(await readdir(folder)).toEqual(before)
  })

  it('writes to a pipe as it is', async () => {
    const script = `mkfifo out.pipe; flotilla save app:1 -o out.pipe --from ${registry.url} & tar t < out.pipe | wc -l; wait $!`
    const { code, stdout } = await inShell(script, options)
    expect([code, Number(stdout)]).toEqual([0, 7])
    expect((await stat(join(folder, 'out.pipe'))).isFIFO()).toBe(true)
  })

  it('writes where a link leads', async () => {
    await writeFile(join(folder, 'target'), '')
    await symlink('target', join(folder, 'link'))
    expect(await run('save app:1 -o link --from URL')).toMatchObject({ code: 0, stderr: '' })
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true)
    expect((await readFile(join(folder, 'target'))).length).toBeGreaterThan(0)
    for (const name of ['link', 'target']) await rm(join(folder, name))
  })
})

describe('the commands for the owner', () => {
  it.each([
    ['peers --data none', 'no registry runs in none; use --data to name the data folder of another one'],
    ['peers --data app.tar', 'cannot read app.tar/owner.json: not a directory'],
    [
      'peers --addr nonsense',
      "option '--addr <host:port>' argument 'nonsense' is invalid. It is not host:port, such as 127.0.0.1:5000.",
    ],
    ['peers --jsn', "unknown option '--jsn' (Did you mean --json?)"],
    ['images', "missing required argument 'repository'"],
    ['images none --data DATA', 'HOST: repository name not known to registry'],
    ['images A --data DATA', 'HOST: invalid repository name'],
    ['keep app:1 --data DATA', 'app:1 is not repository@digest; flotilla images shows digests'],
    ['evict x', "too many arguments for 'evict'. Expected 0 arguments but got 1."],
    ['peers --data DATA', 'HOST: this registry is in no swarm'],
  ])('%s', async (commandLine, line) => {
    expect(await run(commandLine)).toEqual(failed(filledIn(line)))
  })

  it.each([
    ['', 'other/owner.json is damaged; restart the registry, which writes a new one'],
    ['{"url": 5}', 'other/owner.json is damaged; restart the registry, which writes a new one'],
    [
      '{"url": "http://127.0.0.1:1", "token": "t"}',
      'no registry answers on 127.0.0.1:1: programs do not speak HTTP on this port; use --data to name the data folder of another one',
    ],
  ])('with an owner.json of %j', async (content, line) => {
    await mkdir(join(folder, 'other'), { recursive: true })
    await writeFile(join(folder, 'other/owner.json'), content)
    expect(await run('evict --data other')).toEqual(failed(line))
  })
})

describe('an error that is thrown past all catches', () => {
  it.each([
    [
      'of a stream',
      "new ReadableStream({ pull() { throw new Error('from a stream') } }).pipeTo(new WritableStream())",
      'from a stream',
    ],
    ['of a callback', "setTimeout(() => { throw new Error('from a callback') })", 'from a callback'],
    ['that is a mistake', 'setTimeout(() => undefined.x)', 'TypeError: .*a bug in flotilla'],
    ['that is none', "Promise.reject('just text')", 'just text'],
    ['of many lines', "Promise.reject(new Error('one\\ntwo'))", 'one two'],
  ])('%s', async (_, fault, words) => {
    const script = `process.on('newListener', (event) => event === 'uncaughtException' && setImmediate(() => { ${fault} }))`
    const environment = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` }
    const ended = await flotilla(['push', 'app.tar', '--to', registry.url], optionsIn(folder, environment))
    expect(ended).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(`^flotilla: .*${words}.*\\n$`),
    })
  })
})

describe('a command whose output', () => {
  it('is closed ends silently', async () => {
    const command = `flotilla images app --json --data ${registry.data} | true; exit \${PIPESTATUS[0]}`
    expect(await inShell(command, options)).toEqual({ code: 141, stdout: '', stderr: '' })
  })

  it('has no room says so', async () => {
    expect(await inShell(`flotilla images app --data ${registry.data} > /dev/full`, options)).toEqual(
      failed('cannot write to standard output: no space left on device'),
    )
  })

  it('cannot even say so has its code', async () => {
    expect(await inShell('flotilla push none.tar 2> /dev/full', options)).toMatchObject({
      code: 1,
      stdout: '',
    })
  })
})

describe('flotilla serve', () => {
  const serve = (commandLine: string) => run(`serve ${commandLine}`)

  it.each([
    ['--addr 127.0.0.1:0 --data app.tar', 'the data folder app.tar is a file; use --data for another folder'],
    [
      '--addr 127.0.0.1:0 --data app.tar/x',
      'cannot use the data folder app.tar/x: not a directory; use --data for another folder',
    ],
    [
      '--addr 127.0.0.1:0 --data /proc/x',
      'cannot use the data folder /proc/x: no such file or directory; use --data for another folder',
    ],
    [
      '--addr 127.0.0.1:0 --data DATA',
      'the data folder DATA is in use by another registry; use --data for another folder',
    ],
    ['--addr HOST --data new', 'HOST is in use by another program; use --addr for another one'],
    [
      '--addr 192.0.2.1:5000 --data new',
      'cannot listen on 192.0.2.1:5000: address not available; use --addr for another one',
    ],
    ['--addr nonsense', 'http.addr: expected host:port, or :port for all interfaces (--addr)'],
    ['none.yml', 'none.yml: no such file or directory'],
    ['folder', 'folder: it is a folder, not a file; name a YAML file'],
  ])('%s', async (commandLine, line) => {
    expect(await serve(commandLine)).toEqual(failed(filledIn(line)))
  })

  it.each([
    [
      'of zeros and ones',
      (path: string) => writeFile(path, Buffer.alloc(8192, '01')),
      /damaged; restore a backup of it/,
    ],
    ['of a newer version', newerCatalog, /written by a newer flotilla/],
    ['that is a folder', (path: string) => mkdir(path), /it is a folder|illegal operation on a directory/],
  ])('with a catalog %s', async (_, make, words) => {
    const data = await mkdtemp(join(folder, 'data-'))
    await make(join(data, 'catalog.db'))
    const { code, stdout, stderr } = await serve(`--addr 127.0.0.1:0 --data ${data}`)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^flotilla: .+\n$/)
    expect(stderr).toMatch(words)
  })

  it('continues when its output is closed', async () => {
    const child = spawn(
      process.execPath,
      [MAIN, 'serve', '--addr', '127.0.0.1:0', '--data', 'unread'],
      options,
    )
    const ended = once(child, 'close')
    child.stderr.resume()
    const [welcome] = await once(child.stdout, 'data')
    const [, url] = /^listening on (\S+)$/m.exec(String(welcome))!
    child.stdout.destroy()
    for (let turn = 0; turn < 5; turn++) expect((await fetch(`${url}/v2/`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})

async function newerCatalog(path: string): Promise<void> {
  using catalog = new DatabaseSync(path)
  catalog.exec('PRAGMA user_version = 1000')
}
