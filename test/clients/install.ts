/** Before the tests with real clients: puts the clients on the machine where that can be done, else says what to do. */

import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { run } from '../support/command.ts'

/** Debian's package for each program. */
const PACKAGES: Readonly<Record<string, string>> = {
  skopeo: 'skopeo',
  podman: 'podman',
  buildah: 'buildah',
  containerd: 'containerd',
  ctr: 'containerd',
  tar: 'tar',
}

export const setup = async (): Promise<void> => {
  const packages = await missingPackages()
  if (packages.length === 0) return
  if (!(await canInstall())) throw new Error(instructions(packages))
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update'], environment)
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], environment)
}

const missingPackages = async (): Promise<string[]> => {
  const missing = new Set<string>()
  for (const [program, name] of Object.entries(PACKAGES)) {
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

const instructions = (packages: readonly string[]): string =>
  [
    'npm test pushes and pulls with real clients, and some are not installed.',
    `Install them, on Debian or Ubuntu by: sudo apt-get install ${packages.join(' ')}`,
    'Or run the tests as root there: then they install what they need.',
  ].join('\n')
