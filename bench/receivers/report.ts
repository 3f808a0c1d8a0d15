/** What a receiver tells when all has come. */
import type { Hash } from 'node:crypto'

export interface Report {
  readonly digest: string
  /** The most memory that was ever resident, in MiB. */
  readonly memory: number
}

export function report(hash: Hash): void {
  const told: Report = {
    digest: `sha256:${hash.digest('hex')}`,
    memory: process.resourceUsage().maxRSS / 1024,
  }
  process.send!(told)
}
