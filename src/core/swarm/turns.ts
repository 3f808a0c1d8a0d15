/**
 * Who may take a blob from this peer now. When a whole cluster wants the same image at once, a few get it from here and
 * hand it on while it still comes to them; the others wait in line, and hear whom they may ask instead. It is a courtesy
 * between peers, not a lock: ranges are given to whoever asks.
 */
import type { Digest } from '../oci/digest.ts'
import type { PeerId } from './ports.ts'

/** Peers that one blob is given to at once. */
export const TURNS = 3

export interface Turn {
  /** Those whose turn it is; empty if the asker's has come already. */
  readonly instead: PeerId[]
  /** Resolves when it comes. Never, if the asker leaves before. */
  readonly come: Promise<void>
}

export interface Turns {
  /** The turn, or the place in the line, lasts until the signal aborts. */
  take(digest: Digest, peer: PeerId, signal: AbortSignal): Turn
}

interface Waiting {
  readonly peer: PeerId
  begin(): void
}

interface Line {
  readonly served: Set<Waiting>
  readonly waiting: Set<Waiting>
}

export function createTurns(): Turns {
  const lines = new Map<Digest, Line>()

  function lineOf(digest: Digest): Line {
    const line = lines.get(digest) ?? { served: new Set(), waiting: new Set() }
    lines.set(digest, line)
    return line
  }

  function serveNext({ served, waiting }: Line): void {
    for (const next of waiting) {
      if (served.size === TURNS) return
      waiting.delete(next)
      served.add(next)
      next.begin()
    }
  }

  return {
    take(digest, peer, signal) {
      const line = lineOf(digest)
      const come = Promise.withResolvers<void>()
      const entry: Waiting = { peer, begin: come.resolve }
      line.waiting.add(entry)
      serveNext(line)
      const leave = () => {
        line.waiting.delete(entry)
        line.served.delete(entry)
        serveNext(line)
        if (line.served.size === 0) lines.delete(digest)
      }
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
      const instead = line.served.has(entry) ? [] : [...line.served].map((served) => served.peer)
      return { instead, come: come.promise }
    },
  }
}
