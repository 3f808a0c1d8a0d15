/** `flotilla peers ID [REPOSITORY]`: what a peer has, as it tells it now. */
import * as z from 'zod/mini'
import { type Answer, askOwner, type OwnerOptions } from './admin-client.ts'
import { exitWith } from './exit.ts'
import { oneLine } from './one-line.ts'
import { align, size } from './table.ts'

export interface PeerListOptions extends OwnerOptions {
  /** The peer's id, or how it begins or ends. */
  readonly id: string
  readonly repository?: string | undefined
  readonly json?: boolean | undefined
}

/** Entries that are shown of a list that does not end. */
const MAX_ENTRIES = 100_000

const peersSchema = z.object({ peers: z.array(z.looseObject({ id: z.string() })) })

const repositorySchema = z.object({ name: z.string(), tags: z.number(), bytes: z.number() })

const tagSchema = z.object({
  name: z.string(),
  digest: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  at: z.optional(z.number()),
})

export async function peerLists({ id, repository, json = false, ...owner }: PeerListOptions): Promise<void> {
  const peer = await findPeer(id, owner)
  if (repository === undefined) {
    const schema = z.object({ repositories: z.array(repositorySchema) })
    const pages = pagesOf(owner, `/flotilla/peers/${peer}/repositories?n=250`, schema)
    await show(pages, ({ repositories }) => repositories, json, repositoryTable)
  } else {
    const query = new URLSearchParams({ repository, n: '250' })
    const pages = pagesOf(
      owner,
      `/flotilla/peers/${peer}/tags?${query}`,
      z.object({ tags: z.array(tagSchema) }),
    )
    await show(pages, ({ tags }) => tags, json, tagTable)
  }
}

/** Ids are long, and all begin alike. */
async function findPeer(text: string, owner: OwnerOptions): Promise<string> {
  const { value } = await askOwner(owner, { method: 'GET', path: '/flotilla/peers', answer: peersSchema })
  const wanted = text.replace(/^…/, '')
  const ids = value.peers.map(({ id }) => id)
  const found = ids.includes(wanted)
    ? [wanted]
    : ids.filter((id) => id.startsWith(wanted) || id.endsWith(wanted))
  if (found.length === 1) return found[0]!
  const problem =
    found.length === 0 ? 'no peer with this id is connected' : 'several peers have ids like this'
  const listed = found.length === 0 ? ids : found
  return exitWith([`${oneLine(text)}: ${problem}`, ...listed.map((id) => `  ${oneLine(id)}`)])
}

async function* pagesOf<T>(owner: OwnerOptions, first: string, answer: z.ZodMiniType<T>): AsyncGenerator<T> {
  for (let path: string | undefined = first; path; ) {
    const page: Answer<T> = await askOwner(owner, { method: 'GET', path, answer })
    yield page.value
    path = page.next
  }
}

async function show<Page, Entry>(
  pages: AsyncIterable<Page>,
  entriesOf: (page: Page) => readonly Entry[],
  json: boolean,
  table: (entries: readonly Entry[]) => string[],
): Promise<void> {
  const entries: Entry[] = []
  for await (const page of pages) {
    entries.push(...entriesOf(page))
    if (entries.length >= MAX_ENTRIES) break
  }
  const lines = json ? [JSON.stringify(entries, undefined, 2)] : table(entries)
  process.stdout.write(`${lines.join('\n')}\n`)
}

const repositoryTable = (entries: readonly z.infer<typeof repositorySchema>[]): string[] =>
  entries.length === 0
    ? ['No repositories.']
    : align([
        ['REPOSITORY', 'TAGS', 'SIZE'],
        ...entries.map(({ name, tags, bytes }) => [oneLine(name), String(tags), size(bytes)]),
      ])

const tagTable = (entries: readonly z.infer<typeof tagSchema>[]): string[] =>
  entries.length === 0
    ? ['No tags.']
    : align([
        ['TAG', 'SIZE', 'SET', 'DIGEST'],
        ...entries.map(({ name, bytes, at, digest }) => [
          oneLine(name),
          size(bytes),
          moment(at),
          oneLine(digest),
        ]),
      ])

/** What is no time that a calendar has is none. */
function moment(at: number | undefined): string {
  const date = new Date(at ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString().slice(0, 16).replace('T', ' ')
}
