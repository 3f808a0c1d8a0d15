/**
 * Answers what peers ask. Only what is wholly on this disk now, and only what is shared: a peer is never answered from
 * other peers, so a question cannot wander in circles.
 */

import type { BlobSource, Bytes, Content } from '../../blobs/ports.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Facts } from '../../catalog/sharing.ts'
import { rootOf } from '../../dag/dag.ts'
import { HASH_SIZE } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { ByteRange } from '../../oci/range.ts'
import type { Trust } from '../lookup/trust.ts'
import type { PeerId } from '../ports.ts'
import { type Offer, requestSchema, type TagRecord } from '../protocol/messages.ts'
import { referrersStatement, type Statement } from '../protocol/statements.ts'
import { leavesOf } from './leaves.ts'
import type { SharePolicy } from './share-policy.ts'
import { createSlotHandler, type PartialOffer } from './slots.ts'

export interface Answer {
  /** `null` where what was asked for is not held or not shared, which look alike. */
  readonly value: unknown
  readonly body?: Bytes | undefined
}

/** A range of what is held here, as bytes that open when they are read: a doorway may know a shorter way to send it. */
export class StoredRange implements Bytes {
  readonly content: Content
  readonly range: ByteRange

  constructor(content: Content, range: ByteRange) {
    this.content = content
    this.range = range
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.content.stream(this.range)[Symbol.asyncIterator]()
  }
}

/** @throws $ZodError for what is no question of ours */
export type RequestHandler = (
  question: unknown,
  peer: PeerId,
  options: { readonly signal: AbortSignal },
) => Promise<Answer>

export interface RequestHandlerDeps {
  readonly disk: BlobSource
  readonly catalog: Catalog
  readonly sharing: SharePolicy
  /** Where this peer may get the blob by HTTPS, if anywhere. */
  offerHttp?(peer: PeerId, digest: Digest): Offer['http'] | Promise<Offer['http']>
  /** What is on its way here, for repositories that are shared. */
  underWay?(digest: Digest): PartialOffer | undefined
  signTag(repository: string, tag: string, nonce: string): Promise<TagRecord | undefined>
  /** Signs as this peer. */
  sign(statement: Statement): Promise<string>
  readonly trust: Pick<Trust, 'isTrusted'>
}

/** Less than this is sooner sent on the stream than a connection is made. */
const LEAST_BY_HTTP = 256 * 1024

/** How long a peer waits for leaves that are being hashed, in milliseconds. */
const LEAVES_TIMEOUT = 30_000

/** As many as one answer may hold. */
const MAX_REFERRERS = 1000

/** Looked through for these: some are not shared, or are in several repositories. */
const MAX_REFERRER_ROWS = 4 * MAX_REFERRERS

const NOT_HERE: Answer = { value: null }

interface Held extends Facts {
  readonly content: Content
}

export function createRequestHandler(parts: RequestHandlerDeps): RequestHandler {
  const { disk, catalog, sharing, trust } = parts
  const answerTurn = createSlotHandler()

  /** What is shared and wholly here. */
  async function find(digest: Digest, repositories?: readonly string[]): Promise<Held | undefined> {
    if (!(await sharing.shares(digest, repositories))) return undefined
    const [facts, content] = await Promise.all([catalog.sharing.factsOf(digest), disk.get(digest)])
    return facts && content?.size === facts.size ? { ...facts, content } : undefined
  }

  async function offer(
    digest: Digest,
    peer: PeerId,
    repositories?: readonly string[],
  ): Promise<Offer | null> {
    const held = await find(digest, repositories)
    if (!held) return null
    const { size, root, mediaType } = held
    const http = size > LEAST_BY_HTTP ? await parts.offerHttp?.(peer, digest) : undefined
    return { size, ...(root && { root }), ...(mediaType && { mediaType }), ...(http && { http }) }
  }

  async function leaves(digest: Digest, signal: AbortSignal): Promise<Answer> {
    const held = await find(digest)
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(LEAVES_TIMEOUT)])
    const hashes = held && (await leavesOf(catalog, digest, held.size, { signal: waiting }))
    if (!hashes) return NOT_HERE
    const root = held.root ?? String(await rootOf(hashes, held.size))
    return { value: { size: held.size, root, leaves: hashes.length / HASH_SIZE }, body: once(hashes) }
  }

  async function range(digest: Digest, { start, end }: ByteRange): Promise<Answer> {
    const content = (await find(digest))?.content ?? parts.underWay?.(digest)?.content
    if (!content || start > end || end >= content.size) return NOT_HERE
    const value = { size: content.size, length: end - start + 1 }
    return { value, body: new StoredRange(content, { start, end }) }
  }

  async function turn(digest: Digest, peer: PeerId, signal: AbortSignal): Promise<Answer> {
    const whole = await offer(digest, peer)
    const partial = whole ? undefined : parts.underWay?.(digest)
    const offered = whole ?? partial?.offer
    return offered ? answerTurn({ digest, peer, offer: offered, partial }, signal) : NOT_HERE
  }

  /** What was pushed here comes first; then what is here on the word of peers that are trusted, and of no others. */
  async function referrers(subject: Digest, nonce: string): Promise<Answer> {
    const all = await catalog.sharing.referrersOf(subject, MAX_REFERRER_ROWS)
    const told = all.filter(
      ({ repository, peer }) =>
        sharing.sharesRepository(repository) && (peer === null || trust.isTrusted(peer)),
    )
    const digests = [...new Set(told.map(({ digest }) => digest))].slice(0, MAX_REFERRERS)
    return { value: { digests, signature: await parts.sign(referrersStatement(nonce, subject, digests)) } }
  }

  async function tag(repository: string, name: string, nonce: string): Promise<Answer> {
    const isShared = sharing.sharesRepository(repository)
    const record = isShared ? await parts.signTag(repository, name, nonce) : undefined
    return { value: { record: record ?? null } }
  }

  return async (asked, peer, { signal }) => {
    const question = requestSchema.parse(asked)
    switch (question.ask) {
      case 'have': {
        const { digests, repositories } = question
        return { value: { offers: await Promise.all(digests.map((one) => offer(one, peer, repositories))) } }
      }
      case 'leaves':
        return leaves(question.digest, signal)
      case 'range':
        return range(question.digest, question)
      case 'turn':
        return turn(question.digest, peer, signal)
      case 'referrers':
        return referrers(question.digest, question.nonce)
      case 'tag':
        return tag(question.repository, question.tag, question.nonce)
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
