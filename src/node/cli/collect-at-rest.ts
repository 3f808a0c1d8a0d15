/**
 * Frees memory when the registry becomes idle. V8 only collects garbage when more is allocated, so what a start or a burst
 * of requests leaves behind would stay for as long as nothing happens.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Between two checks. */
const INTERVAL_MS = 10_000

/** Share of a core below which the process is idle: connected peers use less, and any transfer uses more. */
const IDLE_SHARE = 0.03

/** Consecutive idle checks before a collection, so that a client's pause doesn't cause one. */
const IDLE_CHECKS = 2

/** A collection takes 50 ms, while nobody waits for anything. @returns a function that stops the checks */
export function collectAtRest(collect = collectGarbage): () => void {
  let before = process.cpuUsage()
  let idleChecks = 0
  const check = (): void => {
    const now = process.cpuUsage()
    const used = now.user - before.user + now.system - before.system // microseconds
    before = now
    idleChecks = used < IDLE_SHARE * INTERVAL_MS * 1000 ? idleChecks + 1 : 0
    if (idleChecks !== IDLE_CHECKS) return
    collect()
    before = process.cpuUsage()
  }
  const timer = setInterval(check, INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** V8 only adds `gc` to new contexts, so this makes one. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  setFlagsFromString('--no-expose-gc')
}
