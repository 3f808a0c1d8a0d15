/**
 * Every JSON body of the HTTP API, by the name that the route tables and `docs/openapi.json` give it. Pages and the
 * command line take their types from here, most by `import type`, so that no bundle carries the schemas.
 */
import * as z from 'zod/mini'
import { listRequestSchema } from '../swarm/protocol/list-messages.ts'
import { requestSchema } from '../swarm/protocol/messages.ts'
import { settingsSchema } from './settings.ts'

const about = (description: string) => z.describe(description)

const text = z.string()
const count = z.int().check(z.nonnegative())
const bytes = z.int().check(z.nonnegative(), about('bytes'))
const time = z.int().check(z.nonnegative(), about('milliseconds since 1970'))
const optional = z.exactOptional

const source = z
  .enum(['pushed', 'peers'])
  .check(about('`peers` for what came from peers and was never pushed here'))

const repositoryUse = z.object({
  name: text,
  bytes: z
    .int()
    .check(
      about(
        'what the repository serves, in bytes; layers that other repositories have too count for each of them',
      ),
    ),
  shared: z.int().check(about('bytes that other repositories have too')),
  orphans: z.int().check(about('bytes that no image of the repository needs')),
  tags: count,
  manifests: count,
  changedAt: optional(time),
  lastUsed: optional(time),
})

const storage = z.object({
  bytes: optional(
    z.object({
      total: z.int().check(about('the sum of the others')),
      pushed: z.int().check(about('images that were pushed or imported')),
      cached: z.int().check(about('images that came from peers')),
      orphans: z.int().check(about('blobs that no image needs')),
      uploads: z.int().check(about('pushes that are under way or can be resumed')),
      downloads: z.int().check(about('pulls from peers that are under way or can be resumed')),
    }),
  ),
  blobs: optional(count),
  evictable: optional(z.int().check(about('bytes of images from peers that may be evicted'))),
  budget: z.nullable(bytes),
  repositories: z.array(repositoryUse),
  platform: optional(
    z.object({ usage: bytes, quota: bytes }).check(about('what the browser says of its storage')),
  ),
})

const taggedSchema = z.object({
  name: text,
  at: time.check(about('when the tag was set')),
  peer: optional(text.check(about('the peer that the tag was taken from'))),
  checkedAt: optional(z.nullable(time.check(about('when peers were last asked for the tag')))),
})

const imageSchema = z.object({
  digest: text,
  mediaType: text,
  artifactType: optional(text),
  subject: optional(text),
  tags: z.array(text),
  tagged: z.array(taggedSchema),
  partOf: optional(z.array(text).check(about('indexes of the repository that name it, the first few'))),
  bytes: bytes.check(about('the manifest and all that it needs and that is stored, each digest once')),
  missing: count.check(about('digests that it needs and that are not stored')),
  kept: z.boolean().check(about('it is never evicted')),
  source,
  pushedAt: optional(time),
  lastUsed: optional(time),
})

const images = z.object({ images: z.array(imageSchema) })

const blob = z.object({
  digest: text,
  size: bytes,
  source,
  origins: z.array(z.object({ peer: text, bytes })),
  repositories: z.array(text),
  lastUsed: optional(time),
})

const removed = z.object({ freed: bytes })

const removal = z.object({ bytes, manifests: count.check(about('manifests that would be deleted')) })

const evicted = z.object({
  freed: z.int().check(about('the sum of the others')),
  orphans: bytes,
  uploads: bytes,
  downloads: bytes,
  images: bytes,
  spared: optional(bytes.check(about('with `dry`: what is left because it was used a moment ago'))),
})

const peerRepositories = z.object({
  repositories: z.array(z.object({ name: text, tags: count, bytes })),
})

const peerTags = z.object({
  name: text,
  tags: z.array(z.object({ name: text, digest: text, mediaType: text, bytes, at: z.optional(time) })),
})

/** Where a browser looks for a peer, and how it stands with that. */
const endpointState = {
  state: z.enum(['connecting', 'connected', 'unreachable']),
  id: optional(text),
  fault: optional(z.enum(['unreachable', 'no-peer', 'private', 'alone', 'another', 'unproved'])),
  since: optional(time),
}

/** What only one of the two platforms knows is optional. */
export const peersSchema = z.object({
  id: optional(text.check(about('this peer; absent in a browser that has not joined yet'))),
  addresses: z
    .array(z.union([text, z.object({ address: text, ...endpointState })]))
    .check(
      about('on a server the addresses that others reach it at; in a browser the peers of the settings'),
    ),
  peers: z.array(
    z.object({
      id: text,
      addresses: z.array(text),
      lists: z.boolean().check(about('it tells what it has')),
      isRegistry: optional(z.boolean().check(about('it speaks the protocol of this swarm'))),
      direction: optional(z.enum(['inbound', 'outbound'])),
      transport: optional(text),
      latency: optional(z.number().check(about('of a round trip, in milliseconds'))),
      moved: optional(
        z
          .record(text, z.object({ received: bytes, sent: bytes }))
          .check(about('bytes of blobs, by transfer protocol')),
      ),
      protocol: optional(z.enum(['http', 'websocket'])),
      received: optional(bytes),
      sent: optional(bytes),
      serves: optional(z.boolean().check(about('the page was loaded from it'))),
      registry: optional(
        z.object({ url: text, writable: z.boolean().check(about('this page may push to it')) }),
      ),
    }),
  ),
  leader: optional(z.boolean().check(about('a tab of this browser has the connections'))),
  origin: optional(z.object({ id: text, url: text })),
  server: optional(z.object({ url: text, ...endpointState })),
})

const localPeer = z.object({
  id: text,
  addresses: z.array(text),
  writable: z.boolean().check(about('the page that asks, if it is one, may push here')),
  signature: optional(
    text.check(about('base64url, by the key in the id, over the JSON `["flotilla-peer-1",nonce,id]`')),
  ),
})

const pageAddress = z.object({
  address: optional(text.check(about('where people should open the page'))),
  others: optional(z.array(text).check(about('other addresses at which images may be stored'))),
  images: optional(z.boolean().check(about('images are stored at this address; only in a browser'))),
})

const errors = z.object({
  errors: z.array(z.object({ code: text, message: text, detail: optional(z.unknown()) })),
})

const descriptor = z.looseObject({ mediaType: text, digest: text, size: bytes })

export const SCHEMAS = {
  Storage: storage,
  Images: images,
  Blob: blob,
  Removed: removed,
  Removal: removal,
  Evicted: evicted,
  Peers: peersSchema,
  PeerRepositories: peerRepositories,
  PeerTags: peerTags,
  LocalPeer: localPeer,
  PeerRequest: z.union([requestSchema, listRequestSchema]),
  PageAddress: pageAddress,
  Settings: settingsSchema,
  Client: z.object({ id: text.check(about('the id by which the worker knows the tab')) }),
  TagList: z.object({ name: text, tags: z.array(text) }),
  RepositoryList: z.object({ repositories: z.array(text) }),
  Index: z.object({ schemaVersion: z.literal(2), mediaType: text, manifests: z.array(descriptor) }),
  Base: z.object({}),
  Errors: errors,
}

export type SchemaName = keyof typeof SCHEMAS

/** JSON of the schema of that name. */
export type Json<Name extends SchemaName> = Immutable<z.output<(typeof SCHEMAS)[Name]>>

/** Where the platform is known to send these, too. */
export type Known<T, Key extends keyof T> = T & { readonly [Name in Key]-?: Exclude<T[Name], undefined> }

type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T
