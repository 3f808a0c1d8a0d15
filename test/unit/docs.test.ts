/** The generated pages are those that the sources give, and the threat model names the tests that there are. */

import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { apiPage } from '../../src/node/docs/api.ts'
import { configurationPage } from '../../src/node/docs/configuration.ts'
import { openApi } from '../../src/node/docs/openapi.ts'
import { protocolPage } from '../../src/node/docs/protocol.ts'

it.each([
  ['api.md', apiPage],
  ['configuration.md', configurationPage],
  ['protocol.md', protocolPage],
])('docs/%s is up to date; `npm run docs` writes it', async (name, make) => {
  expect(await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')).toBe(make())
})

it('docs/openapi.json names each operation once, and refers to nothing that is missing', () => {
  const text = openApi()
  const { paths, components } = JSON.parse(text)
  const operations = Object.values<Record<string, { operationId: string }>>(paths).flatMap(Object.values)
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!)
  expect(names.filter((name) => !(name in components.schemas))).toEqual([])
  expect(Object.keys(components.schemas).filter((name) => !names.includes(name))).toEqual([])
})

const ROOT = new URL('../..', import.meta.url)

const documents = await Array.fromAsync(
  glob(['*.md', '{docs,src,test,bench,examples}/**/*.md'], { cwd: ROOT }),
)
const files = await Array.fromAsync(glob('{src,test,bench,examples}/**/*.{ts,tsx}', { cwd: ROOT }))

it.each(documents.sort())('%s links to, and names, only what exists', async (path) => {
  const text = await readFile(new URL(path, ROOT), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!)
  expect(links.filter((link) => !existsSync(new URL(link, new URL(path, ROOT))))).toEqual([])
  const names = [...text.matchAll(/`([\w./-]+\.tsx?)`/g)].map(([, name]) => name!)
  expect(names.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([])
})

it.each([
  ['README.md', 90],
  ['src/README.md', 110],
])('%s has at most %i lines', async (path, most) => {
  expect((await readFile(new URL(path, ROOT), 'utf8')).trimEnd().split('\n').length).toBeLessThanOrEqual(most)
})

it('SECURITY.md has a row for each attack, and no other links than to what is there', async () => {
  const text = await readFile(new URL('SECURITY.md', ROOT), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path!)
  expect(links.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([])
  const attacks = await Array.fromAsync(glob('test/system/hostile/*/*.test.ts', { cwd: ROOT }))
  expect(attacks.length).toBeGreaterThan(20)
  expect(attacks.filter((path) => !links.includes(path))).toEqual([])
})
