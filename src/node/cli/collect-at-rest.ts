/**
 * Gives back memory when the registry comes to rest. V8 collects garbage when there is more, so that what a start or a
 * burst of requests leaves behind would stay for as long as nothing happens.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds from one look to the next. */
const INTERVAL = 10_000

/** Of a core, between two looks: what connected peers say to each other takes less, and any transfer takes more. */
const REST = 0.03

/** Looks without work after which this is rest, and not the pause of a client. */
const LOOKS = 2

/** Takes a twentieth of a second, when nobody waits for anything. @returns what ends it */
export function collectAtRest(collect = collectGarbage): () => void {
  let before = process.cpuUsage()
  let quiet = 0
  const look = (): void => {
    const now = process.cpuUsage()
    const used = now.user - before.user + now.system - before.system // microseconds
    before = now
    quiet = used < REST * INTERVAL * 1000 ? quiet + 1 : 0
    if (quiet !== LOOKS) return
    collect()
    before = process.cpuUsage()
  }
  const timer = setInterval(look, INTERVAL)
  timer.unref()
  return () => clearInterval(timer)
}

/** In a context that goes with it: V8 gives the function to new ones only. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  setFlagsFromString('--no-expose-gc')
}
