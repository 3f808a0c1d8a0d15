/** The Firefox of the tests: Debian's, or another one in the PATH. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['firefox-esr', 'firefox']

/** @throws Error where there is none */
export function firefoxPath(): string {
  const path = findFirefox()
  if (path !== undefined) return path
  throw new Error('Firefox is not installed')
}

export const hasFirefox = (): boolean => findFirefox() !== undefined

function findFirefox(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}
