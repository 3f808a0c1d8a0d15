/** `flotilla peers [ID [REPOSITORY]]`: shows the peers of a running registry, or what one of them has. */
import * as z from 'zod/mini'
import { formatByteSize } from '../../core/byte-size.ts'
import type { PeerStatus, SwarmStatus } from '../../core/libp2p/status.ts'
import { type AdminOptions, type AdminResponse, requestAdmin } from './admin-client.ts'
import { exitWith, oneLine } from './errors.ts'
import { align } from './table.ts'

export interface PeersOptions extends AdminOptions {
  readonly json?: boolean | undefined
}

/** The fields that are shown. */
const statusSchema = z.looseObject({
  id: z.string(),
  addresses: z.array(z.string()),
  peers: z.array(
    z.looseObject({
      id: z.string(),
      addresses: z.array(z.string()),
      direction: z.string(),
      transport: z.string(),
      latency: z.optional(z.number()),
      moved: z.record(z.string(), z.object({ received: z.number(), sent: z.number() })),
    }),
  ),
})

const HEAD = ['PEER', 'TRANSPORT', 'DIRECTION', 'LATENCY', 'RECEIVED', 'SENT', 'ADDRESS']

export async function peers({ json = false, ...owner }: PeersOptions): Promise<void> {
  const request = { method: 'GET', path: '/flotilla/peers', schema: statusSchema } as const
  const status = (await requestAdmin(owner, request)).value as SwarmStatus
  process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : text(status))
}

function text({ id, addresses, peers }: SwarmStatus): string {
  const own = [`This peer: ${id}`, ...addresses.map((address) => `  ${address}`)]
  const table = peers.length === 0 ? ['No peers.'] : align([HEAD, ...peers.map(row)])
  return [...own, '', ...table, ''].join('\n')
}

const row = ({ id, transport, direction, latency, moved, addresses }: PeerStatus): string[] => [
  id,
  transport,
  direction,
  latency === undefined ? '-' : `${latency} ms`,
  byProtocol(moved, 'received'),
  byProtocol(moved, 'sent'),
  addresses.join(' '),
]

function byProtocol(moved: PeerStatus['moved'], direction: 'received' | 'sent'): string {
  const moves = Object.entries(moved).filter(([, bytes]) => bytes[direction] > 0)
  return moves.map(([protocol, bytes]) => `${protocol} ${formatByteSize(bytes[direction])}`).join(', ') || '-'
}

export interface PeerListOptions extends AdminOptions {
  /** The peer's id, or the beginning or end of it. */
  readonly id: string
  readonly repository?: string | undefined
  readonly json?: boolean | undefined
}

/** Entries that are read of an endless list. */
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

/** Ids are long and begin alike, so the beginning or end of one is enough. */
async function findPeer(text: string, owner: AdminOptions): Promise<string> {
  const { value } = await requestAdmin(owner, { method: 'GET', path: '/flotilla/peers', schema: peersSchema })
  const wanted = text.replace(/^…/, '')
  const ids = value.peers.map(({ id }) => id)
  const found = ids.includes(wanted)
    ? [wanted]
    : ids.filter((id) => id.startsWith(wanted) || id.endsWith(wanted))
  if (found.length === 1) return found[0]!
  const problem =
    found.length === 0
      ? 'no peer with this id is connected; these are:'
      : 'several peers match; write more of the id:'
  const listed = found.length === 0 ? ids : found
  return exitWith([`${oneLine(text)}: ${problem}`, ...listed.map((id) => `  ${oneLine(id)}`)])
}

async function* pagesOf<T>(owner: AdminOptions, first: string, answer: z.ZodMiniType<T>): AsyncGenerator<T> {
  for (let path: string | undefined = first; path; ) {
    const page: AdminResponse<T> = await requestAdmin(owner, { method: 'GET', path, schema: answer })
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
        ...entries.map(({ name, tags, bytes }) => [oneLine(name), String(tags), formatByteSize(bytes)]),
      ])

const tagTable = (entries: readonly z.infer<typeof tagSchema>[]): string[] =>
  entries.length === 0
    ? ['No tags.']
    : align([
        ['TAG', 'SIZE', 'SET', 'DIGEST'],
        ...entries.map(({ name, bytes, at, digest }) => [
          oneLine(name),
          formatByteSize(bytes),
          moment(at),
          oneLine(digest),
        ]),
      ])

/** `-` if the time is missing or invalid. */
function moment(at: number | undefined): string {
  const date = new Date(at ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString().slice(0, 16).replace('T', ' ')
}
