/** Programs that tests run beside Node: installed where that can be done, else the tests say what is missing. */

import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { run } from './command.ts'

/**
 * Has Debian's packages installed for those programs that are not there.
 *
 * @param packages - the package of each program
 * @param purpose - what the tests need them for, as the beginning of a sentence
 */
export const requirePrograms = async (
  packages: Readonly<Record<string, string>>,
  purpose: string,
): Promise<void> => {
  const missing = await missingPackages(packages)
  if (missing.length === 0) return
  if (!(await canInstall())) throw new Error(instructions(missing, purpose))
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update'], environment)
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...missing], environment)
}

const missingPackages = async (packages: Readonly<Record<string, string>>): Promise<string[]> => {
  const missing = new Set<string>()
  for (const [program, name] of Object.entries(packages)) {
    if (!(await isInstalled(program))) missing.add(name)
  }
  return [...missing]
}

const canInstall = async (): Promise<boolean> => process.getuid?.() === 0 && (await isInstalled('apt-get'))

const isInstalled = async (program: string): Promise<boolean> => {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = await Promise.allSettled(
    folders.map((folder) => access(join(folder, program), constants.X_OK)),
  )
  return found.some(({ status }) => status === 'fulfilled')
}

const instructions = (packages: readonly string[], purpose: string): string =>
  [
    `${purpose}, and some are not installed.`,
    `Install them, on Debian or Ubuntu by: sudo apt-get install ${packages.join(' ')}`,
    'Or run the tests as root there: then they install what they need.',
  ].join('\n')
