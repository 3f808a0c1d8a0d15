/** Where the built page lies: beside the build of the registry, or where a checkout builds it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The sources run as they are, and may be out of a build's reach. */
const FOLDER = new URL(import.meta.url.endsWith('.ts') ? '../../../dist/page' : './page', import.meta.url)

/** `undefined` where the page was not built. */
export function findPage(): string | undefined {
  const folder = fileURLToPath(FOLDER)
  return existsSync(join(folder, 'index.html')) ? folder : undefined
}
