/**
 * The words of `/flotilla/blob/1.0.0`: one question a stream, one answer, then bytes for some. Everything here comes
 * over a wire and is hostile until these schemas have passed it.
 */

import * as z from 'zod/mini'
import { type Digest, parseDigest } from '../../oci/digest.ts'
import { NONCE } from './base64url.ts'

/** Digests in one question. */
export const MAX_DIGESTS = 256

const text = (most: number) => z.string().check(z.maxLength(most))

const digest = z.pipe(
  z.string(),
  z.transform((text, context): Digest => {
    const parsed = parseDigest(text)
    if (!parsed) context.issues.push({ code: 'custom', message: 'expected a digest', input: text })
    return parsed ?? z.NEVER
  }),
)

const size = z.int().check(z.nonnegative())

/** Chosen by the asker, who has the answer signed with it: see `statements.ts`. */
const nonce = z.string().check(z.regex(NONCE))

/** In base64url. */
const signature = text(256)

/** What a peer says of a blob that it can serve now. */
export const offerSchema = z.object({
  size,
  /** Of its DAG, as a CID; absent while the peer still hashes the leaves. A claim, until the whole is verified. */
  root: z.optional(text(128)),
  /** For a manifest. */
  mediaType: z.optional(text(256)),
  /** Where its ranges can be had by HTTPS: a port of the host that libp2p reaches, and a ticket. */
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

export const requestSchema = z.discriminatedUnion('ask', [
  /**
   * Which of these do you hold and share with me, in one of these repositories, if any are named? Peers that are older
   * than this field answer for all that they share. → {@link haveSchema}
   */
  z.object({
    ask: z.literal('have'),
    repositories: z.optional(z.array(text(255)).check(z.maxLength(2))),
    digests: z.array(digest).check(z.minLength(1), z.maxLength(MAX_DIGESTS)),
  }),
  /** The hashes of its leaves; waits for them if they are being made. → {@link leavesSchema}, 32 bytes a leaf */
  z.object({ ask: z.literal('leaves'), digest }),
  /** A part of it. → {@link rangeSchema}, the bytes */
  z.object({ ask: z.literal('range'), digest, start: size, end: size }),
  /** Is it my turn to take it from you? → {@link turnSchema}, then, while I listen, how many leaves I can have */
  z.object({ ask: z.literal('turn'), digest }),
  /** Which manifests name this one as their subject? → {@link referrersSchema} */
  z.object({ ask: z.literal('referrers'), digest, nonce }),
  /** What does this tag name? → {@link tagSchema} */
  z.object({ ask: z.literal('tag'), repository: text(255), tag: text(128), nonce }),
])

export type Request = z.input<typeof requestSchema>

/** `null` for what the peer does not hold or does not share, which look alike. */
export const haveSchema = z.object({
  offers: z.array(z.nullable(offerSchema)).check(z.maxLength(MAX_DIGESTS)),
})

export const leavesSchema = z.object({ size, root: text(128), leaves: size })

/**
 * The counts that follow are numbers of leaves from the first on, of 4 bytes each, the most significant first; 0 before
 * it is the asker's turn. One comes whenever there is more, of a blob that is still on its way to this peer.
 */
export const turnSchema = z.object({
  offer: offerSchema,
  /** Those whose turn it is, who may be asked instead; empty if it is the asker's. */
  instead: z.array(text(128)).check(z.maxLength(16)),
})

export type SlotResponse = z.infer<typeof turnSchema>

export const rangeSchema = z.object({ size, length: size })

/** The first ones matter most: whoever asks takes a few. */
export const referrersSchema = z.object({ digests: z.array(digest).check(z.maxLength(1000)), signature })

/** What a tag names now, as its holder has signed it for this question. */
export const tagRecordSchema = z.object({
  digest,
  /** Milliseconds since 1970 at which the tag was set. */
  taggedAt: size,
  signature,
})

export type TagRecord = z.infer<typeof tagRecordSchema>

export const tagSchema = z.object({ record: z.nullable(tagRecordSchema) })
