/** How much memory a process takes. */
import { readFileSync } from 'node:fs'

/** Bytes that are resident; 0 where there is no such process. Of `ip netns exec`, those of what it became. */
export function residentOf(pid: number | string): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
