/** Repositories and tags that connected peers list, as completions of what is typed. */

import { useEffect, useState } from 'preact/hooks'
import { remoteText } from '../lists/remote-notes.tsx'
import { eachPage, type Page } from '../requests/pages.ts'
import { type Peer, type Peers, readPeerRepositories, readPeers, readPeerTags } from '../requests/peers.ts'
import { type AbortOptions, client } from '../requests/request.ts'
import { parseTypedImage } from './typed-image.ts'

export interface ListedName {
  /** The name of a repository or a tag. */
  readonly name: string
  /** The peers that have it; empty if only this browser has it. */
  readonly peers: readonly Peer[]
}

/** Pages of a list that are read. */
const MAX_PAGES = 8

/** Repositories of peers, sorted by name. Peers that fail are left out. */
export const listRepositories = async (options?: AbortOptions): Promise<readonly ListedName[]> =>
  gather(await readPeers(options), ({ id }) => readAll((path) => readPeerRepositories(id, path, options)))

/** Tags of a repository, of peers and of this browser; the highest versions first. */
export async function listTags(repository: string, options?: AbortOptions): Promise<readonly ListedName[]> {
  const [listed, own] = await Promise.all([
    readPeers(options).then((peers) =>
      gather(peers, ({ id }) => readAll((path) => readPeerTags(id, repository, path, options))),
    ),
    client.tags(repository, options).catch(() => []),
  ])
  const known = new Set(listed.map(({ name }) => name))
  const others = own.filter((name) => !known.has(name)).map((name) => ({ name, peers: [] }))
  return [...listed, ...others].sort(newestFirst)
}

async function gather(
  { peers }: Peers,
  read: (peer: Peer) => Promise<readonly { readonly name: string }[]>,
): Promise<readonly ListedName[]> {
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
  let count = 0
  for await (const page of eachPage(read)) {
    entries.push(...page.entries)
    if (++count === MAX_PAGES) break
  }
  return entries
}

const byName = (one: ListedName, other: ListedName): number => (one.name < other.name ? -1 : 1)

const newestFirst = (one: ListedName, other: ListedName): number =>
  Number(other.name === 'latest') - Number(one.name === 'latest') ||
  other.name.localeCompare(one.name, 'en', { numeric: true })

export interface Completion {
  /** The text of the field after it is chosen. */
  readonly text: string
  readonly shown: string
  readonly where: string
}

const MAX_COMPLETIONS = 50

/** @param isEnabled - `false` sends no requests */
export function useCompletions(text: string, isEnabled: boolean): readonly Completion[] {
  const repositories = useListed(isEnabled ? '' : undefined, (signal) => listRepositories({ signal }))
  const repository = /[^/]:[^/]*$/.test(text)
    ? parseTypedImage(text.replace(/:[^/:]*$/, ''))?.name
    : undefined
  const tags = useListed(isEnabled ? repository : undefined, (signal) => listTags(repository!, { signal }))
  if (repository !== undefined) {
    const typed = text.slice(text.lastIndexOf(':') + 1)
    return completions(tags, typed, (tag) => `${repository}:${tag}`)
  }
  return completions(repositories, text.trim(), (name) => `${name}:`)
}

function completions(
  listed: readonly ListedName[],
  typed: string,
  textOf: (name: string) => string,
): readonly Completion[] {
  const lower = typed.toLowerCase()
  const fitting = listed.filter(({ name }) => name.toLowerCase().includes(lower) && name !== typed)
  const begins = (completion: ListedName) => Number(completion.name.toLowerCase().startsWith(lower))
  return fitting
    .toSorted((one, other) => begins(other) - begins(one))
    .slice(0, MAX_COMPLETIONS)
    .map(({ name, peers }) => ({
      text: textOf(name),
      shown: textOf(name).replace(/:$/, ''),
      where: peers.map(remoteText).join(', ') || 'this browser',
    }))
}

/** Milliseconds until an empty result is read again: peers may not be connected yet. */
const RETRY_MS = 2000

/** Empty while it is being read, or if that fails. */
function useListed(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<readonly ListedName[]>,
): readonly ListedName[] {
  const [loaded, setLoaded] = useState<{ readonly key: string; readonly listed: readonly ListedName[] }>()
  useEffect(() => {
    if (key === undefined) return
    const aborting = new AbortController()
    void loadUntilAny(load, aborting.signal, (listed) => setLoaded({ key, listed }))
    return () => aborting.abort()
  }, [key])
  return loaded && loaded.key === key ? loaded.listed : []
}

async function loadUntilAny(
  load: (signal: AbortSignal) => Promise<readonly ListedName[]>,
  signal: AbortSignal,
  onOffers: (listed: readonly ListedName[]) => void,
): Promise<void> {
  while (!signal.aborted) {
    const listed = await load(signal).catch(() => [])
    if (listed.length > 0 && !signal.aborted) return onOffers(listed)
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}
