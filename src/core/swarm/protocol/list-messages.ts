/**
 * The words of two further questions of `/flotilla/blob/1.0.0`: which repositories a peer has, and which tags one of them
 * has, page by page. Apart from `messages.ts` because a list binds nobody: what it names is asked for and checked like
 * anything else. Peers that are older break off at these questions.
 */
import * as z from 'zod/mini'
import { parseDigest } from '../../oci/digest.ts'
import { isManifestType } from '../../oci/media-type.ts'
import { isName, isTag } from '../../oci/name.ts'

/** Entries of one page: a page is whole in memory on both sides, and waits there for whoever reads slowly. */
export const MAX_LISTED = 250

const cursor = z.optional(z.string().check(z.maxLength(255)))

const limit = z.int().check(z.minimum(1), z.maximum(MAX_LISTED))

export const listRequestSchema = z.discriminatedUnion('ask', [
  /** The repositories that you share, in byte order: the first `limit` after `last`. → {@link repositoriesSchema} */
  z.object({ ask: z.literal('repositories'), last: cursor, limit }),
  /** The tags of one of them, in the same way. → {@link tagsSchema} */
  z.object({ ask: z.literal('tags'), repository: z.string().check(z.maxLength(255)), last: cursor, limit }),
])

export type ListRequest = z.input<typeof listRequestSchema>

export const isListRequest = (question: unknown): boolean => {
  const { ask } = (question ?? {}) as { readonly ask?: unknown }
  return ask === 'repositories' || ask === 'tags'
}

const count = z.int().check(z.nonnegative())

const listedRepositorySchema = z.object({
  name: z.string().check(z.refine(isName)),
  tags: count,
  /** Of all that it serves, each blob once. */
  bytes: count,
})

const listedTagSchema = z.object({
  name: z.string().check(z.refine(isTag)),
  digest: z.string().check(z.refine((text) => parseDigest(text) !== undefined)),
  mediaType: z.string().check(z.refine(isManifestType)),
  /** What the peer has of the image: the manifest and all that it needs, each blob once. */
  bytes: count,
  /** Milliseconds since 1970 at which the tag was set. */
  at: z.optional(count),
})

export type ListedRepository = z.infer<typeof listedRepositorySchema>

export type ListedTag = z.infer<typeof listedTagSchema>

const pageOf = <Entry extends z.ZodMiniType>(entry: Entry) =>
  z.object({
    entries: z.array(entry).check(z.maxLength(MAX_LISTED)),
    /** Whether others follow. */
    more: z.boolean(),
  })

/** `null`: the peer does not tell what it has. */
export const repositoriesSchema = z.nullable(pageOf(listedRepositorySchema))

/** `null`: the peer does not tell what it has. A `page` of `null`: it does not have the repository, or does not share it. */
export const tagsSchema = z.nullable(z.object({ page: z.nullable(pageOf(listedTagSchema)) }))

/** A part of a list, in byte order. */
export interface ListPage<Entry> {
  readonly entries: readonly Entry[]
  readonly more: boolean
}
