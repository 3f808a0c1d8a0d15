/** `npm run docs`: writes the pages that are made from the sources. A test fails while they are out of date. */
import { writeFile } from 'node:fs/promises'
import { apiPage } from './api.ts'
import { configurationPage } from './configuration.ts'

const DOCS = new URL('../../../docs/', import.meta.url)

await writeFile(new URL('api.md', DOCS), apiPage())
await writeFile(new URL('configuration.md', DOCS), configurationPage())
