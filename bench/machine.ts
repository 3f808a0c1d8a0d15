/**
 * What a reader has to know of the machine and the versions to compare results; no names, no paths.
 */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { GIB } from './client/blob.ts'
import type { Registry } from './server/registries.ts'

export type Machine = Readonly<Record<string, string>>

export function describeMachine(ours: Registry, theirs: Registry): Machine {
  const processors = cpus()
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    CPU: `${processors.length} x ${processors[0]?.model.trim()}`,
    memory: `${Math.round(totalmem() / GIB)} GiB`,
    kernel: release(),
    'load before': loadavg()[0]!.toFixed(2),
    Node: process.version,
    [ours.name]: `${ours.version}, commit ${commit()}`,
    [theirs.name]: theirs.version,
  }
}

/** `unknown` outside a git checkout; marked where the tree has been changed since. */
function commit(): string {
  try {
    const args = ['describe', '--always', '--dirty', '--exclude=*']
    return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'unknown'
  }
}
