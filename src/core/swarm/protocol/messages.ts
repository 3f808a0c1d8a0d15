/**
 * The messages of `/flotilla/blob/1.0.0`: one request a stream, one response, and after some responses bytes. Everything
 * here comes from the network and is hostile until these schemas have accepted it. `describe.ts` says in prose what each
 * message means; `list-messages.ts` adds two more.
 */

import * as z from 'zod/mini'
import { type Digest, parseDigest } from '../../oci/digest.ts'
import { NONCE } from './nonce.ts'

export const MAX_DIGESTS_PER_REQUEST = 256

const text = (maxLength: number) => z.string().check(z.maxLength(maxLength))

const digest = z.pipe(
  z.string(),
  z.transform((value, context): Digest => {
    const parsed = parseDigest(value)
    if (!parsed) context.issues.push({ code: 'custom', message: 'expected a digest', input: value })
    return parsed ?? z.NEVER
  }),
)

const size = z.int().check(z.nonnegative())

/** Chosen by the requester, whose response is signed together with it: see `statements.ts`. */
const nonce = z.string().check(z.regex(NONCE))

/** In base64url. */
const signature = text(256)

/** What a peer says about a blob that it can serve now. */
export const offerSchema = z.object({
  size,
  /** The CID of its DAG; absent while the peer still hashes the leaves. Unproved until the whole blob is verified. */
  root: z.optional(text(128)),
  /** Of a manifest. */
  mediaType: z.optional(text(256)),
  /** Where its ranges are served by HTTPS: a port of the host that libp2p reaches, and a ticket. */
  http: z.optional(
    z.object({
      port: z.int().check(z.minimum(1), z.maximum(65_535)),
      /** The sha-256 of the certificate, in hexadecimal. */
      certificate: z.string().check(z.length(64)),
      ticket: text(256),
    }),
  ),
})

export type Offer = z.infer<typeof offerSchema>

/** Peers that are older than the field `repositories` answer for everything that they share. */
export const haveRequestSchema = z.object({
  ask: z.literal('have'),
  repositories: z.optional(z.array(text(255)).check(z.maxLength(2))),
  digests: z.array(digest).check(z.minLength(1), z.maxLength(MAX_DIGESTS_PER_REQUEST)),
})

/** One offer for each digest, in order; `null` where the peer does not hold it or does not share it. */
export const haveResponseSchema = z.object({
  offers: z.array(z.nullable(offerSchema)).check(z.maxLength(MAX_DIGESTS_PER_REQUEST)),
})

export const leavesRequestSchema = z.object({ ask: z.literal('leaves'), digest })

export const leavesResponseSchema = z.object({ size, root: text(128), leaves: size })

/** `start` and `end` are offsets of bytes; both are included. */
export const rangeRequestSchema = z.object({ ask: z.literal('range'), digest, start: size, end: size })

export const rangeResponseSchema = z.object({ size, length: size })

export const slotRequestSchema = z.object({ ask: z.literal('turn'), digest })

export const slotResponseSchema = z.object({
  offer: offerSchema,
  /** The peers that have a slot now and may be asked instead; empty if the requester has one. */
  instead: z.array(text(128)).check(z.maxLength(16)),
})

export type SlotResponse = z.infer<typeof slotResponseSchema>

export const referrersRequestSchema = z.object({ ask: z.literal('referrers'), digest, nonce })

/** The most important first, because a requester takes only a few. */
export const referrersResponseSchema = z.object({
  digests: z.array(digest).check(z.maxLength(1000)),
  signature,
})

export const tagRequestSchema = z.object({
  ask: z.literal('tag'),
  repository: text(255),
  tag: text(128),
  nonce,
})

/** What a tag names now, signed by the peer that holds it, for this request. */
export const tagRecordSchema = z.object({
  digest,
  /** When the tag was set, in milliseconds since 1970. */
  taggedAt: size,
  signature,
})

export type TagRecord = z.infer<typeof tagRecordSchema>

export const tagResponseSchema = z.object({ record: z.nullable(tagRecordSchema) })

export const requestSchema = z.discriminatedUnion('ask', [
  haveRequestSchema,
  leavesRequestSchema,
  rangeRequestSchema,
  slotRequestSchema,
  referrersRequestSchema,
  tagRequestSchema,
])

export type PeerRequest = z.input<typeof requestSchema>
