/** What commands say on a full disk, to users without rights, and in the midst of a signal. The tests run as root. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../support/command.ts'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { dockerSave, tarOf } from '../../unit/core/archive/tars.ts'
import { failed, flotilla, MAIN, optionsIn } from '../../unit/node/cli/command.ts'
import { mountSmallDisk } from './small-disk.ts'

const NOBODY = { uid: 65_534, gid: 65_534 }

const resources = new AsyncDisposableStack()
let registry: RegistryProcess
let folder: string

beforeAll(async () => {
  registry = resources.use(await startRegistry())
  folder = resources.use(await openTemporaryFolder()).path
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'app.tar'), await tarOf(dockerSave()), { mode: 0o600 })
  await flotilla(['push', 'app.tar', '--to', registry.url], optionsIn(folder))
})

afterAll(() => resources.disposeAsync())

const asNobody = (...commandLine: string[]) => flotilla(commandLine, { ...optionsIn(folder), ...NOBODY })

test('save says that the disk is full, and leaves nothing on it', async () => {
  await using disk = await mountSmallDisk(1)
  await disk.fill()
  const output = join(disk.path, 'out.tar')
  const ended = await flotilla(['save', 'app:1', '-o', output, '--from', registry.url], optionsIn(folder))
  expect(ended).toEqual(failed(`cannot use ${output}: no space left on device`))
  expect(await readdir(disk.path)).toEqual(['filler'])
})

test('push says that the disk of the registry is full', async () => {
  await using disk = await mountSmallDisk(8)
  await using small = await startRegistry({ data: join(disk.path, 'data') })
  await disk.fill()
  const ended = await flotilla(['push', 'app.tar', '--to', small.url], optionsIn(folder))
  expect(ended).toEqual(failed(`cannot push app.tar to ${small.url}: storage is full`))
})

test('serve says that the disk is full', async () => {
  await using disk = await mountSmallDisk(1)
  await disk.fill()
  const data = join(disk.path, 'data')
  const { code, stdout, stderr } = await flotilla(
    ['serve', '--addr', '127.0.0.1:0', '--data', data],
    optionsIn(folder),
  )
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    /^flotilla: .*(?:no space left on device|storage is full|database or disk is full).*\n$/,
  )
})

test('push says that the file may not be read', async () => {
  expect(await asNobody('push', 'app.tar', '--to', registry.url)).toEqual(
    failed('cannot use app.tar: permission denied'),
  )
})

test('save says that the folder may not be written', async () => {
  expect(await asNobody('save', 'app:1', '-o', 'out.tar', '--from', registry.url)).toEqual(
    failed('cannot use out.tar: permission denied'),
  )
})

test('the commands for the owner say whose the registry is', async () => {
  expect(await asNobody('evict', '--data', registry.data)).toEqual(
    failed(
      `cannot read ${registry.data}/owner.json: permission denied; run this as the user that runs the registry`,
    ),
  )
})

test.each([
  ['a data folder of somebody else', 0o700, 0],
  ['their own data folder, without the right to write', 0o500, NOBODY.uid],
])('serve refuses %s', async (_, mode, owner) => {
  const data = join(folder, `data-${owner}`)
  await mkdir(data, { mode })
  await chown(data, owner, owner)
  const { code, stdout, stderr } = await asNobody('serve', '--addr', '127.0.0.1:0', '--data', data)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    /^flotilla: cannot use the data folder .*permission denied.*; use --data for another folder\n$/,
  )
})

test('serve refuses a configuration that may not be read', async () => {
  await writeFile(join(folder, 'secret.yml'), 'version: 0.1', { mode: 0o600 })
  expect(await asNobody('serve', 'secret.yml')).toEqual(failed('secret.yml: permission denied'))
})

test('serve refuses a port for which it has no right', async () => {
  await using namespace = await openNamespace()
  const { launcher } = namespace
  const user = ['setpriv', `--reuid=${NOBODY.uid}`, `--regid=${NOBODY.gid}`, '--clear-groups']
  const data = join(folder, 'nobody')
  await mkdir(data)
  await chown(data, NOBODY.uid, NOBODY.gid)
  const command = [
    ...launcher,
    ...user,
    process.execPath,
    MAIN,
    'serve',
    '--addr',
    '127.0.0.1:80',
    '--data',
    data,
  ]
  const words = await run(command[0]!, command.slice(1), optionsIn(folder).env).catch((error) => error)
  expect([words.code, words.stdout]).toEqual([1, ''])
  expect(words.stderr).toBe(
    'flotilla: cannot listen on 127.0.0.1:80: permission denied; use --addr for another one\n',
  )
})

/** A separate network namespace, in which low ports are for root alone, as on most machines. */
async function openNamespace(): Promise<AsyncDisposable & { readonly launcher: readonly string[] }> {
  const name = `flotilla-ports-${process.pid}`
  await run('ip', ['netns', 'add', name]).catch((cause) => {
    throw new Error('The test with a low port makes a network namespace: it needs root, and CAP_SYS_ADMIN', {
      cause,
    })
  })
  const launcher = ['ip', 'netns', 'exec', name]
  await run('ip', ['netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up'])
  return { launcher, [Symbol.asyncDispose]: async () => void (await run('ip', ['netns', 'delete', name])) }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('save that is ended by %s leaves nothing', async (signal, code) => {
  await using slow = await openSlowRegistry()
  await using place = await openTemporaryFolder()
  const commandLine = ['save', 'app:1', '-o', 'out.tar', '--from', slow.url]
  const child = spawn(process.execPath, [MAIN, ...commandLine], { ...optionsIn(place.path), stdio: 'pipe' })
  const ended = once(child, 'close')
  await slow.isReading
  child.kill(signal)
  expect(await ended).toEqual([code, null])
  expect(await readdir(place.path)).toEqual([])
})

/** Answers like the registry, but a blob's end never comes. */
async function openSlowRegistry() {
  let tell = () => {}
  const isReading = new Promise<void>((resolve) => {
    tell = resolve
  })
  const server = createServer(async (request, response) => {
    const { status, headers } = await fetch(registry.url + request.url, {
      method: 'HEAD',
      headers: { accept: request.headers.accept ?? '*/*' },
    })
    response.writeHead(status, Object.fromEntries(headers))
    if (request.method === 'HEAD') return void response.end()
    const answer = await fetch(registry.url + request.url, {
      headers: { accept: request.headers.accept ?? '*/*' },
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (!request.url!.includes('/blobs/')) return void response.end(bytes)
    response.write(bytes.subarray(0, 1))
    tell()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isReading,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
