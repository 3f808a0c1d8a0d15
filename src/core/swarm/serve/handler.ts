/**
 * Responds to the requests of peers, with what is shared and on this disk. It never asks other peers in turn, so a
 * request cannot travel in circles.
 */

import { delay } from '../../async/delay.ts'
import type { BlobSource, Bytes, Content } from '../../blobs/ports.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { BlobFacts } from '../../catalog/share-facts.ts'
import { rootOf } from '../../dag/dag.ts'
import { HASH_SIZE, hashBytesOf, isSingleLeaf } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { ByteRange } from '../../oci/range.ts'
import type { Trust } from '../lookup/trust.ts'
import type { PeerId } from '../ports.ts'
import { type Offer, requestSchema, type TagRecord } from '../protocol/messages.ts'
import { referrersStatement, type Statement } from '../protocol/statements.ts'
import type { SharePolicy } from './share-policy.ts'
import { createSlotHandler, type PartialOffer } from './slots.ts'

export interface HandlerResponse {
  /** `null` if the content is not held or not shared; the two look alike. */
  readonly value: unknown
  readonly body?: Bytes | undefined
}

/** A range of stored content, opened when it is read. Separate from `Bytes` so that a transport may send it faster. */
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

/** @throws $ZodError for a value that is not a request */
export type RequestHandler = (
  message: unknown,
  peer: PeerId,
  options: { readonly signal: AbortSignal },
) => Promise<HandlerResponse>

export interface RequestHandlerDeps {
  readonly disk: BlobSource
  readonly catalog: Catalog
  readonly sharing: SharePolicy
  /** Where this peer may fetch the blob by HTTPS, if anywhere. */
  offerHttp?(peer: PeerId, digest: Digest): Offer['http'] | Promise<Offer['http']>
  /** A blob that is still being downloaded into a shared repository. */
  underWay?(digest: Digest): PartialOffer | undefined
  signTag(repository: string, tag: string, nonce: string): Promise<TagRecord | undefined>
  /** Signs as this peer. */
  sign(statement: Statement): Promise<string>
  readonly trust: Pick<Trust, 'isTrusted'>
}

/** A smaller blob is sent faster on the stream than an HTTPS connection is made. */
const MIN_HTTP_BYTES = 256 * 1024

/** How long a requester waits for leaves that are still being hashed. */
const LEAVES_TIMEOUT_MS = 30_000

/** Of one response. */
const MAX_REFERRERS = 1000

/** Rows that are read for these: some are not shared, or name the same referrer in another repository. */
const MAX_REFERRER_ROWS = 4 * MAX_REFERRERS

const NOT_HERE: HandlerResponse = { value: null }

interface Held extends BlobFacts {
  readonly content: Content
}

export function createRequestHandler(deps: RequestHandlerDeps): RequestHandler {
  const { disk, catalog, sharing, trust } = deps
  const handleSlot = createSlotHandler()

  /** Content that is shared and complete. */
  async function find(digest: Digest, repositories?: readonly string[]): Promise<Held | undefined> {
    if (!(await sharing.shares(digest, repositories))) return undefined
    const [facts, content] = await Promise.all([catalog.shareFacts.factsOf(digest), disk.get(digest)])
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
    const http = size > MIN_HTTP_BYTES ? await deps.offerHttp?.(peer, digest) : undefined
    return { size, ...(root && { root }), ...(mediaType && { mediaType }), ...(http && { http }) }
  }

  async function leaves(digest: Digest, signal: AbortSignal): Promise<HandlerResponse> {
    const held = await find(digest)
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LEAVES_TIMEOUT_MS)])
    const hashes = held && (await leavesOf(catalog, digest, held.size, { signal: limit }))
    if (!hashes) return NOT_HERE
    const root = held.root ?? String(await rootOf(hashes, held.size))
    return { value: { size: held.size, root, leaves: hashes.length / HASH_SIZE }, body: once(hashes) }
  }

  async function range(digest: Digest, { start, end }: ByteRange): Promise<HandlerResponse> {
    const content = (await find(digest))?.content ?? deps.underWay?.(digest)?.content
    if (!content || start > end || end >= content.size) return NOT_HERE
    const value = { size: content.size, length: end - start + 1 }
    return { value, body: new StoredRange(content, { start, end }) }
  }

  async function slot(digest: Digest, peer: PeerId, signal: AbortSignal): Promise<HandlerResponse> {
    const complete = await offer(digest, peer)
    const partial = complete ? undefined : deps.underWay?.(digest)
    const offered = complete ?? partial?.offer
    return offered ? handleSlot({ digest, peer, offer: offered, partial }, signal) : NOT_HERE
  }

  /** What was pushed here comes first, then what trusted peers vouch for. */
  async function referrers(subject: Digest, nonce: string): Promise<HandlerResponse> {
    const all = await catalog.shareFacts.referrersOf(subject, MAX_REFERRER_ROWS)
    const shared = all.filter(
      ({ repository, peer }) =>
        sharing.sharesRepository(repository) && (peer === null || trust.isTrusted(peer)),
    )
    const digests = [...new Set(shared.map(({ digest }) => digest))].slice(0, MAX_REFERRERS)
    return { value: { digests, signature: await deps.sign(referrersStatement(nonce, subject, digests)) } }
  }

  async function tag(repository: string, name: string, nonce: string): Promise<HandlerResponse> {
    const isShared = sharing.sharesRepository(repository)
    const record = isShared ? await deps.signTag(repository, name, nonce) : undefined
    return { value: { record: record ?? null } }
  }

  return async (message, peer, { signal }) => {
    const request = requestSchema.parse(message)
    switch (request.ask) {
      case 'have': {
        const { digests, repositories } = request
        return { value: { offers: await Promise.all(digests.map((one) => offer(one, peer, repositories))) } }
      }
      case 'leaves':
        return leaves(request.digest, signal)
      case 'range':
        return range(request.digest, request)
      case 'turn':
        return slot(request.digest, peer, signal)
      case 'referrers':
        return referrers(request.digest, request.nonce)
      case 'tag':
        return tag(request.repository, request.tag, request.nonce)
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** How often the catalog is read while the leaves are being hashed. */
const POLL_INTERVAL_MS = 100

/** The hashes of the leaves, one after the other; `undefined` if the signal aborts before they have been computed. */
async function leavesOf(
  { leaves }: Pick<Catalog, 'leaves'>,
  digest: Digest,
  size: number,
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array | undefined> {
  if (size === 0) return new Uint8Array()
  if (isSingleLeaf(digest, size)) return hashBytesOf(digest)
  while (!signal.aborted) {
    const hashes = await leaves.get(digest)
    if (hashes) return hashes
    await delay(POLL_INTERVAL_MS, signal)
  }
  return undefined
}
