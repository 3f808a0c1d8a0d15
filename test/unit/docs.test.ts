/** The generated pages are those that the sources give, and the threat model names the tests that there are. */
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { apiPage } from '../../src/node/docs/api.ts'
import { configurationPage } from '../../src/node/docs/configuration.ts'

it.each([
  ['api.md', apiPage],
  ['configuration.md', configurationPage],
])('docs/%s is up to date; `npm run docs` writes it', async (name, make) => {
  expect(await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')).toBe(make())
})

const ROOT = new URL('../..', import.meta.url)

it('SECURITY.md has a row for each attack, and no other links than to what is there', async () => {
  const text = await readFile(new URL('SECURITY.md', ROOT), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path!)
  expect(links.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([])
  const attacks = await Array.fromAsync(glob('test/system/hostile/*/*.test.ts', { cwd: ROOT }))
  expect(attacks.length).toBeGreaterThan(20)
  expect(attacks.filter((path) => !links.includes(path))).toEqual([])
})
