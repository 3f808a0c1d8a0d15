/**
 * Ends the process, with code 0. Where WebRTC's native library is loaded, another program takes the process over for
 * that: at a usual end, some threads of the library find their locks destroyed, and abort it.
 */
import type { Config } from '../../core/config.ts'
import { isWebRtc } from './listen.ts'

/** When all that must last is written. */
export function endProcess({ swarm }: Pick<Config, 'swarm'>): void {
  if (swarm.listen?.some(isWebRtc) && process.platform !== 'win32') {
    process.execve?.(process.execPath, [process.execPath, '--eval', ''], {})
  }
  process.exit(0)
}
