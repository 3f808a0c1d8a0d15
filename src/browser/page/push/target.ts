/** The registries that an image can be pushed to: peers by way of the service worker, others at the address that somebody types. */
import type { Peer, Peers } from '../requests/peers.ts'

/** As it is kept with a transfer: it can be cloned. */
export type Target =
  /** Reached by the service worker. */
  | { readonly is: 'peer'; readonly id: string; readonly host: string; readonly serves: boolean }
  /** Reached by the page itself, as far as that registry lets pages of other origins. */
  | { readonly is: 'registry'; readonly url: string; readonly host: string }

export interface Targets {
  /** The one that serves the page first. */
  readonly writable: readonly Target[]
  /** Why the server is not among them; `undefined` where it is, or no peer serves the page. */
  readonly serverProblem: string | undefined
}

export function targetsOf({ origin, peers }: Peers): Targets {
  const isServer = ({ id }: Peer) => id === origin?.id
  const inReach = peers
    .toSorted((one, other) => Number(isServer(other)) - Number(isServer(one)))
    .flatMap((peer) => {
      const { registry } = peer
      if (!registry) return []
      const target: Target = {
        is: 'peer',
        id: peer.id,
        host: new URL(registry.url).host,
        serves: isServer(peer),
      }
      return { target, isWritable: registry.writable }
    })
  const server = inReach.find(({ target }) => target.is === 'peer' && target.serves)
  return {
    writable: inReach.filter(({ isWritable }) => isWritable).map(({ target }) => target),
    serverProblem:
      server && !server.isWritable
        ? `The server, ${server.target.host}, takes no pushes: it is read-only.`
        : undefined,
  }
}

export const targetText = (target: Target): string => {
  if (target.is === 'peer' && target.serves) return `The server, ${target.host}`
  return target.is === 'peer' ? `Peer …${target.id.slice(-6)}, ${target.host}` : target.host
}

/** By which a choice is told from others. */
export const targetKey = (target: Target): string => (target.is === 'peer' ? target.id : target.url)
