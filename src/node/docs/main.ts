/** `npm run docs`: writes the documents that are made from the sources. A test fails while they are out of date. */
import { writeFile } from 'node:fs/promises'
import { apiPage } from './api.ts'
import { configurationPage } from './configuration.ts'
import { protocolPage } from './protocol.ts'

const DOCS = new URL('../../../docs/', import.meta.url)

await writeFile(new URL('api.md', DOCS), apiPage())
await writeFile(new URL('configuration.md', DOCS), configurationPage())
await writeFile(new URL('protocol.md', DOCS), protocolPage())
