/** What connected peers have, as far as they tell it: for completing what is typed, and for saying what there is. */
import { type Peer, type Peers, readPeerRepositories, readPeers, readPeerTags } from '../requests/peers.ts'
import type { Page } from '../requests/request.ts'
import { client } from '../requests/request.ts'

export interface Offer {
  /** Of a repository, or of a tag. */
  readonly name: string
  /** The peers that have it; empty where only this browser does. */
  readonly peers: readonly Peer[]
}

/** Pages of one list; whoever has more types more of the name. */
const MAX_PAGES = 8

interface Waiting {
  readonly signal?: AbortSignal
}

/** Repositories of peers, by name. One that does not answer has none. */
export const offeredRepositories = async (waiting?: Waiting): Promise<readonly Offer[]> =>
  gather(await readPeers(waiting), ({ id }) => readAll((path) => readPeerRepositories(id, path, waiting)))

/** Tags of a repository, of peers and of this browser; those that look newest first. */
export async function offeredTags(repository: string, waiting?: Waiting): Promise<readonly Offer[]> {
  const [offers, own] = await Promise.all([
    readPeers(waiting).then((peers) =>
      gather(peers, ({ id }) => readAll((path) => readPeerTags(id, repository, path, waiting))),
    ),
    client.tags(repository, waiting).catch(() => []),
  ])
  const known = new Set(offers.map(({ name }) => name))
  const others = own.filter((name) => !known.has(name)).map((name) => ({ name, peers: [] }))
  return [...offers, ...others].sort(newestFirst)
}

async function gather(
  { peers }: Peers,
  read: (peer: Peer) => Promise<readonly { readonly name: string }[]>,
): Promise<readonly Offer[]> {
  const listing = peers.filter(({ lists }) => lists)
  const lists = await Promise.all(
    listing.map(async (peer) => ({ peer, entries: await read(peer).catch(() => []) })),
  )
  const found = new Map<string, Peer[]>()
  for (const { peer, entries } of lists)
    for (const { name } of entries) found.set(name, [...(found.get(name) ?? []), peer])
  return [...found].map(([name, peers]) => ({ name, peers })).sort(byName)
}

async function readAll<T>(read: (path: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const entries: T[] = []
  let path: string | undefined
  for (let count = 0; count < MAX_PAGES; count++) {
    const page = await read(path)
    entries.push(...page.entries)
    path = page.next
    if (!path) break
  }
  return entries
}

const byName = (one: Offer, other: Offer): number => (one.name < other.name ? -1 : 1)

const newestFirst = (one: Offer, other: Offer): number =>
  Number(other.name === 'latest') - Number(one.name === 'latest') ||
  other.name.localeCompare(one.name, 'en', { numeric: true })

/** `the server`, or the end of a peer's id. */
export const peerText = ({ id, serves }: Pick<Peer, 'id' | 'serves'>): string =>
  serves ? 'the server' : `peer …${id.slice(-6)}`
