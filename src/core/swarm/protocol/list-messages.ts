/**
 * Two more messages of `/flotilla/blob/1.0.0`: which repositories a peer has, and which tags one of them has, page by
 * page. Separate from `messages.ts` because a list proves nothing: what it names is requested and verified like anything
 * else. Peers that are older than these messages close the stream without a response.
 */
import * as z from 'zod/mini'
import { parseDigest } from '../../oci/digest.ts'
import { isManifestType } from '../../oci/media-type.ts'
import { isName, isTag } from '../../oci/name.ts'

/** A page is whole in memory on both sides, and stays there while the requester reads slowly. */
export const MAX_PAGE_ENTRIES = 250

/** The last name of the page before. */
const last = z.optional(z.string().check(z.maxLength(255)))

const limit = z.int().check(z.minimum(1), z.maximum(MAX_PAGE_ENTRIES))

export const repositoriesRequestSchema = z.object({ ask: z.literal('repositories'), last, limit })

export const tagsRequestSchema = z.object({
  ask: z.literal('tags'),
  repository: z.string().check(z.maxLength(255)),
  last,
  limit,
})

export const listRequestSchema = z.discriminatedUnion('ask', [repositoriesRequestSchema, tagsRequestSchema])

export type ListRequest = z.input<typeof listRequestSchema>

export const isListRequest = (request: unknown): boolean => {
  const { ask } = (request ?? {}) as { readonly ask?: unknown }
  return ask === 'repositories' || ask === 'tags'
}

const count = z.int().check(z.nonnegative())

const listedRepositorySchema = z.object({
  name: z.string().check(z.refine(isName)),
  tags: count,
  /** Of everything that it serves, each blob once. */
  bytes: count,
})

const listedTagSchema = z.object({
  name: z.string().check(z.refine(isTag)),
  digest: z.string().check(z.refine((text) => parseDigest(text) !== undefined)),
  mediaType: z.string().check(z.refine(isManifestType)),
  /** What the peer holds of the image: the manifest and everything that it names, each blob once. */
  bytes: count,
  /** When the tag was set, in milliseconds since 1970. */
  at: z.optional(count),
})

export type ListedRepository = z.infer<typeof listedRepositorySchema>

export type ListedTag = z.infer<typeof listedTagSchema>

const pageOf = <Entry extends z.ZodMiniType>(entry: Entry) =>
  z.object({
    entries: z.array(entry).check(z.maxLength(MAX_PAGE_ENTRIES)),
    /** Whether another page follows. */
    more: z.boolean(),
  })

/** `null` if the peer does not list what it has. */
export const repositoriesResponseSchema = z.nullable(pageOf(listedRepositorySchema))

/** `null` as above. A `page` of `null`: the peer does not have the repository, or does not share it. */
export const tagsResponseSchema = z.nullable(z.object({ page: z.nullable(pageOf(listedTagSchema)) }))

/** One page of a list, in byte order. */
export interface ListPage<Entry> {
  readonly entries: readonly Entry[]
  readonly more: boolean
}
