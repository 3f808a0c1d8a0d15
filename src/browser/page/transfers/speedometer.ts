/** How fast bytes move, smoothed: what the last few seconds say counts most. */

/** Milliseconds until there is a first word, and between two readings. */
const FIRST = 1000
const PACE = 250

/** Milliseconds after which a change of speed has come through for two thirds. */
const INERTIA = 3000

export interface Speedometer {
  move(bytes: number): void
  /** Bytes per second; `undefined` until it is known. */
  read(): number | undefined
}

export function createSpeedometer(now: () => number = Date.now): Speedometer {
  let speed: number | undefined
  let moved = 0
  let since = now()
  return {
    move(bytes) {
      moved += bytes
    },
    read() {
      const elapsed = now() - since
      if (elapsed < (speed === undefined ? FIRST : PACE)) return speed
      const latest = (1000 * moved) / elapsed
      speed = speed === undefined ? latest : speed + (1 - Math.exp(-elapsed / INERTIA)) * (latest - speed)
      since = now()
      moved = 0
      return speed
    },
  }
}
