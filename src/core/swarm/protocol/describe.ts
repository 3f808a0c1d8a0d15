/**
 * What each message of the protocol means, for the page that is generated from it. Only the documentation imports this,
 * so the prose is in no bundle.
 */
import type * as z from 'zod/mini'
import {
  repositoriesRequestSchema,
  repositoriesResponseSchema,
  tagsRequestSchema,
  tagsResponseSchema,
} from './list-messages.ts'
import {
  haveRequestSchema,
  haveResponseSchema,
  leavesRequestSchema,
  leavesResponseSchema,
  rangeRequestSchema,
  rangeResponseSchema,
  referrersRequestSchema,
  referrersResponseSchema,
  slotRequestSchema,
  slotResponseSchema,
  tagRequestSchema,
  tagResponseSchema,
} from './messages.ts'

export interface MessageDescription {
  /** The value of the field `ask`. */
  readonly name: string
  readonly meaning: string
  readonly request: z.ZodMiniType
  readonly response: z.ZodMiniType
  /** Whether the response may be `null`, and what that means. */
  readonly absence?: string
  /** The bytes that follow the response; none if this is absent. */
  readonly bytes?: string
}

const NOT_SERVED = '`null` where the peer does not hold the blob or does not share it; the two look alike.'

const NOT_LISTED = '`null` where the peer does not list what it has (`swarm.share.list`).'

export const MESSAGES: readonly MessageDescription[] = [
  {
    name: 'have',
    meaning:
      'Which of these digests does the peer hold and share with the requester? With `repositories`, only what it ' +
      'holds in one of these counts. Offers come in the order of the digests, `null` for what is not served.',
    request: haveRequestSchema,
    response: haveResponseSchema,
  },
  {
    name: 'leaves',
    meaning:
      'The hashes of the leaves of a blob, by which each MiB of it can be verified as it arrives. The peer waits ' +
      'for them while they are being computed. They are a claim until their root is verified.',
    request: leavesRequestSchema,
    response: leavesResponseSchema,
    absence: NOT_SERVED,
    bytes: 'The sha-256 of each leaf, 32 bytes a leaf.',
  },
  {
    name: 'range',
    meaning: 'A range of the bytes of a blob, which the peer may itself still be downloading.',
    request: rangeRequestSchema,
    response: rangeResponseSchema,
    absence: NOT_SERVED,
    bytes: 'The bytes of the range, `length` of them.',
  },
  {
    name: 'turn',
    meaning:
      'Waits for a slot to download a blob from the peer. The response comes at once and names the peers that have ' +
      'a slot now. The requester keeps its place in the queue, or its slot, for as long as it reads the stream. ' +
      'Slots are a courtesy: ranges are served without one.',
    request: slotRequestSchema,
    response: slotResponseSchema,
    absence: NOT_SERVED,
    bytes:
      'Counts of 4 bytes each, the most significant byte first: how many leaves, from the first on, the peer can ' +
      'serve now. The count is 0 until the requester has a slot; another one follows whenever more has arrived.',
  },
  {
    name: 'referrers',
    meaning:
      'Which manifests name this one as their subject? The peer signs its list together with the nonce, because no ' +
      'digest proves it.',
    request: referrersRequestSchema,
    response: referrersResponseSchema,
  },
  {
    name: 'tag',
    meaning:
      'What does this tag name? The peer signs its record together with the nonce. The record is `null` where the ' +
      'peer does not have the tag or does not share the repository.',
    request: tagRequestSchema,
    response: tagResponseSchema,
  },
  {
    name: 'repositories',
    meaning: 'The repositories that the peer shares, in byte order: the first `limit` of them after `last`.',
    request: repositoriesRequestSchema,
    response: repositoriesResponseSchema,
    absence: NOT_LISTED,
  },
  {
    name: 'tags',
    meaning:
      'The tags of one repository, in byte order: the first `limit` of them after `last`. The page is `null` where ' +
      'the peer does not have the repository or does not share it.',
    request: tagsRequestSchema,
    response: tagsResponseSchema,
    absence: NOT_LISTED,
  },
]
