/** Runs a command to its end in a separate process, as a user does. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const MAIN = fileURLToPath(new URL('../../../../src/node/cli/main.ts', import.meta.url))

export interface Ended {
  /** `null` where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export type Options = Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'>

/** Nothing of the test's own settings gets in. @param folder - working and home folder */
export const optionsIn = (folder: string, environment: NodeJS.ProcessEnv = {}): Options => ({
  cwd: folder,
  env: { HOME: folder, PATH: process.env.PATH, REGISTRY_SWARM_ENABLED: 'false', ...environment },
})

export async function flotilla(commandLine: readonly string[], options: Options): Promise<Ended> {
  return await run(process.execPath, [MAIN, ...commandLine], options)
}

/** What a shell makes of `script`, in which `flotilla` is the command. Its code is that of `flotilla`. */
export async function inShell(script: string, options: Options): Promise<Ended> {
  const command = `flotilla() { '${process.execPath}' '${MAIN}' "$@"; }\n${script}`
  return await run('bash', ['-c', command], options)
}

async function run(program: string, commandLine: readonly string[], options: Options): Promise<Ended> {
  const child = spawn(program, commandLine, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}

/** A command that failed as commands do: one line on standard error, no stack, code 1. */
export const failed = (line: string): Ended => ({ code: 1, stdout: '', stderr: `flotilla: ${line}\n` })
