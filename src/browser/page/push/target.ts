/** Registries that an image can be pushed to: peers, through the service worker, and others, by a typed address. */
import type { Peer, Peers } from '../requests/peers.ts'

/** Stored with its transfer, so it has to be cloneable. */
export type Target =
  /** Reached through the service worker. */
  | { readonly is: 'peer'; readonly id: string; readonly host: string; readonly serves: boolean }
  /** Reached by the page, if that registry allows its origin (CORS). */
  | { readonly is: 'registry'; readonly url: string; readonly host: string }

export interface Targets {
  /** The server first. */
  readonly writable: readonly Target[]
  /** Why the server is not among them; `undefined` if it is, or if it is not a peer. */
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

/** Unique among the targets. */
export const targetKey = (target: Target): string => (target.is === 'peer' ? target.id : target.url)

export interface TypedRegistry {
  readonly url: string
  /** For the user. */
  readonly host: string
}

/** Names of Docker Hub that people type; its registry is at the last one. */
const DOCKER_HUB = /^(?:docker\.io|index\.docker\.io|hub\.docker\.com|registry-1\.docker\.io)$/

const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?$/i

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i

const ADDRESS = /^(?:(?<scheme>https?|docker):\/\/)?(?<host>[^\s/]+)(?:\/(?:v2\/?)?)?$/i

/** Without a scheme: HTTP for this machine, otherwise HTTPS. `undefined` if the text is not the address of a registry. */
export function parseTypedRegistry(text: string): TypedRegistry | undefined {
  const { scheme = '', host = '' } = ADDRESS.exec(text.trim())?.groups ?? {}
  if (!HOST.test(host)) return undefined
  const isPlain = /^http$/i.test(scheme) || (!/^https$/i.test(scheme) && LOOPBACK.test(host))
  const name = DOCKER_HUB.test(host) ? 'registry-1.docker.io' : host
  const url = URL.parse(`${isPlain ? 'http' : 'https'}://${name}`)
  return url ? { url: url.origin, host: url.host } : undefined
}
