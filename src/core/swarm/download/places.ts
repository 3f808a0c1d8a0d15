/**
 * How many holders are asked for one blob at once, and who of them makes way. Apart from what each is asked: one that
 * promises and sends nothing takes nobody's place, and need not be given up, as it may be merely far away.
 */

import type { PeerId } from '../ports.ts'
import { type Pace, whoMakesWay } from './pace.ts'

export interface Asked {
  readonly peer: PeerId
  readonly pace: Pace
  /** `asked`: it has not said yet whether it gives. */
  readonly state: 'asked' | 'in line' | 'feeding'
}

export interface Places<T extends Asked> {
  /** For one more. */
  readonly hasRoom: boolean
  /** For a holder that was not asked yet, when there is no room. */
  whoMakesWay(): T | undefined
}

export interface PlacesParts<T extends Asked> {
  /** The holders that are asked. */
  asked(): readonly T[]
  /** Whether it sends next to nothing of what it was asked for. */
  isMute(peer: PeerId): boolean
}

/** Holders side by side; and with those that are mute, beside whom others are tried. */
const MOST = 4
const MAX_TRIED = 16

/** Milliseconds before a holder that does not answer is mute. */
const PATIENCE = 250

export function createPlaces<T extends Asked>({ asked, isMute }: PlacesParts<T>): Places<T> {
  const givesNothing = ({ peer, state, pace }: T) =>
    state === 'asked' ? performance.now() - pace.since >= PATIENCE : isMute(peer)

  function taken(): readonly T[] {
    const all = asked()
    return all.length < MOST || all.length >= MAX_TRIED ? all : all.filter((one) => !givesNothing(one))
  }

  return {
    get hasRoom() {
      return taken().length < MOST
    },
    whoMakesWay() {
      const all = taken()
      return all.length < MOST ? undefined : whoMakesWay(all)
    },
  }
}
