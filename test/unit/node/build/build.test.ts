/** The build that users run: when `npm start` rebuilds it, and that a package of it is self-contained. */
import { cp, readdir, readFile, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isUpToDate } from '../../../../src/node/build/sources.js'
import { startChild } from '../../../support/child-process.ts'
import { run } from '../../../support/command.ts'
import { openTemporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts'

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url))
const NEEDED = [
  'src',
  'public',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vite.config.ts',
  'vite.page.config.ts',
]

/** Milliseconds for what builds, on a machine that does other things. */
const LONG = 240_000

const LISTENING = /^listening on (http:\/\/[\d.]+:\d+)\n/m

/** Without settings, and with the Node of the tests before any other. */
const environment = {
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
  HOME: process.env['HOME'],
  REGISTRY_SWARM_MDNS: 'false',
}

let checkout: string
let folder: TemporaryFolder

beforeAll(async () => {
  folder = await openTemporaryFolder()
  checkout = join(folder.path, 'checkout')
  for (const name of NEEDED) {
    await cp(join(REPOSITORY, name), join(checkout, name), { recursive: true, preserveTimestamps: true })
  }
  await symlink(join(REPOSITORY, 'node_modules'), join(checkout, 'node_modules'))
  await runBuild()
}, LONG)

afterAll(() => folder[Symbol.asyncDispose]())

const inCheckout = (name: string): string => join(checkout, name)

const runBuild = (): Promise<string> => run(process.execPath, [inCheckout('src/node/build/main.ts')])

/** What `npm start` and `npm run flotilla` run. */
const flotilla = (...words: string[]) =>
  startChild(process.execPath, [inCheckout('src/node/build/start.js'), ...words], environment)

async function edit(name: string, from: string, to: string): Promise<void> {
  const text = await readFile(inCheckout(name), 'utf8')
  expect(text).toContain(from)
  await writeFile(inCheckout(name), text.replace(from, to))
}

it('is up to date after a build, even if files only look newer', async () => {
  expect(isUpToDate(checkout)).toBe(true)
  await utimes(inCheckout('src/node/version.ts'), new Date(), new Date())
  expect(isUpToDate(checkout)).toBe(true)
})

it.each([
  ['a source that was changed', 'src/core/log.ts', '\n'],
  ['a source of the page', 'src/browser/page/main.tsx', '\n'],
  ['another lock file', 'package-lock.json', '\n'],
  ['a new source', 'src/core/new.ts', 'export {}\n'],
])('is not up to date with %s', async (_, name, text) => {
  const before = await readFile(inCheckout(name), 'utf8').catch(() => undefined)
  await writeFile(inCheckout(name), `${before ?? ''}${text}`)
  expect(isUpToDate(checkout)).toBe(false)
  if (before === undefined) await run('rm', [inCheckout(name)])
  else await writeFile(inCheckout(name), before)
  expect(isUpToDate(checkout)).toBe(true)
})

it('is not up to date where a part of it is cut off', async () => {
  const part = inCheckout('dist/page/sw.js')
  const { size } = await stat(part)
  await truncate(part, size - 1)
  expect(isUpToDate(checkout)).toBe(false)
  await writeFile(part, await readFile(part).then((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])))
  expect(isUpToDate(checkout)).toBe(true)
})

it.each([
  ['a DHT', 'KadDHT'],
  ['multicast DNS', 'MulticastDNS'],
  ['relays', 'CircuitRelayTransport'],
  ['pre-shared keys', 'XSalsa20'],
  ['WebRTC', 'loadBinding'],
  ['YAML', 'function parseDocument'],
])('has %s, which is not loaded where no setting asks for it', async (_, word) => {
  const folder = inCheckout('dist')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const texts = new Map<string, string>()
  for (const name of names) texts.set(name, await readFile(join(folder, name), 'utf8'))
  const loaded = new Set(
    names.filter((name) => /^(flotilla\.|main-|serve-|load-|server-|swarm-(?!key))/.test(name)),
  )
  for (const name of loaded) {
    for (const [, other] of texts.get(name)!.matchAll(/\b(?:from|import) ?"\.\/([^"]+)"/g)) loaded.add(other!)
  }
  const having = names.filter((name) => texts.get(name)!.includes(word))
  expect(having).not.toEqual([])
  expect(having.filter((name) => loaded.has(name))).toEqual([])
})

it('does not start and stays as it was if the sources cannot be built', { timeout: LONG }, async () => {
  await edit('src/node/cli/serve.ts', 'listening on ', '` listening on ')
  const before = await readdir(inCheckout('dist'))
  const child = flotilla('--version')
  expect(await child.end('SIGCONT')).toBe(1)
  expect(child.output()).toMatch(
    /^flotilla: building,[\s\S]*flotilla: the build has failed; see above, and try `npm ci`\n$/,
  )
  expect(await readdir(inCheckout('dist'))).toEqual(before)
  expect((await readdir(checkout)).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
})

it('is made anew at the start after a change, and only then', { timeout: LONG }, async () => {
  await edit('src/node/cli/serve.ts', '` listening on ', 'listening at ')
  const first = flotilla('serve', '--addr', '127.0.0.1:0', '--data', join(folder.path, 'data'))
  await first.waitFor(/^listening at http/m, LONG)
  expect(first.output()).toContain('flotilla: building, ')
  await first.end('SIGTERM')
  const second = flotilla('--version')
  expect(await second.end('SIGCONT')).toBe(0)
  expect(second.output()).toMatch(/^flotilla \d+\.\d+\.\d+\n$/)
})

it('is all that a package needs, in an empty folder without a network', { timeout: LONG }, async () => {
  await edit('src/node/cli/serve.ts', 'listening at ', 'listening on ')
  await runBuild()
  const npm = (words: string[], cwd: string) =>
    run('npm', ['--prefix', cwd, '--cache', join(folder.path, 'cache'), '--offline', ...words], environment)
  const tarball = (
    await npm(['pack', '--silent', '--pack-destination', folder.path, checkout], folder.path)
  ).split('\n')
  const empty = join(folder.path, 'empty')
  await npm(['install', '--omit=optional', join(folder.path, tarball.at(-1)!)], empty)
  expect((await readdir(join(empty, 'node_modules'))).sort()).toEqual([
    '.bin',
    '.package-lock.json',
    'flotilla',
  ])
  expect(await npm(['exec', 'flotilla', '--', '--version'], empty)).toMatch(/^flotilla /)

  const data = join(empty, 'data')
  const command = join(empty, 'node_modules/.bin/flotilla')
  const child = startChild(command, ['serve', '--addr', '127.0.0.1:0', '--data', data], environment)
  const [, url] = await child.waitFor(LISTENING)
  const page = await fetch(url!, { headers: { Accept: 'text/html' } })
  expect(await page.text()).toContain('<title>')
  await expect.poll(() => run(command, ['peers', '--data', data], environment)).toContain('This peer: ')
  expect(await child.end('SIGTERM')).toBe(0)
})
