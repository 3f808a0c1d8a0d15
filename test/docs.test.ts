/** The generated pages are those that the sources give. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { apiPage } from '../src/node/docs/api.ts'
import { configurationPage } from '../src/node/docs/configuration.ts'

it.each([
  ['api.md', apiPage],
  ['configuration.md', configurationPage],
])('docs/%s is up to date; `npm run docs` writes it', async (name, make) => {
  expect(await readFile(new URL(`../docs/${name}`, import.meta.url), 'utf8')).toBe(make())
})
