/**
 * The page about the peer protocol, made from the schemas that check its messages and from its limits. The examples are
 * checked by those schemas too, so neither they nor the fields can differ from what the peers accept.
 */

import * as z from 'zod'
import type * as mini from 'zod/mini'
import { LEAF_SIZE } from '../../core/leaf.ts'
import {
  MAX_REQUEST_BYTES,
  MAX_REQUESTS,
  MAX_REQUESTS_PER_PEER,
  PROTOCOL,
  REQUEST_TIMEOUT_MS,
} from '../../core/swarm/protocol/limits.ts'
import {
  listRequestSchema,
  MAX_PAGE_ENTRIES,
  repositoriesResponseSchema,
  tagsResponseSchema,
} from '../../core/swarm/protocol/list-messages.ts'
import {
  haveResponseSchema,
  leavesResponseSchema,
  MAX_DIGESTS_PER_REQUEST,
  rangeResponseSchema,
  referrersResponseSchema,
  requestSchema,
  slotResponseSchema,
  tagResponseSchema,
} from '../../core/swarm/protocol/messages.ts'
import { SLOTS_PER_BLOB } from '../../core/swarm/serve/slots.ts'
import { code, GENERATED, page, table } from './markdown.ts'

type Schema = z.core.JSONSchema.JSONSchema

interface Message {
  readonly title: string
  readonly meaning: string
  readonly request: { readonly ask: string; readonly [field: string]: unknown }
  readonly schema: mini.ZodMiniType
  readonly response: unknown
  /** What follows the response. */
  readonly bytes?: string
}

const DIGEST = 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const ROOT = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
const NONCE = 'q83vEjRWeJCrze8SNFZ4kA'
const SIGNATURE = 'wIzN0WnkQ8TgLm3xVb7cRw'
const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const SIZE = 3_370_706

const OFFER = {
  size: SIZE,
  root: ROOT,
  http: { port: 41_753, certificate: '3b'.repeat(32), ticket: 'hQ2yXn0m' },
}

const MESSAGES: readonly Message[] = [
  {
    title: 'Which of these digests do you have?',
    meaning: `Offers for up to ${MAX_DIGESTS_PER_REQUEST} digests, in their order, each only if one of \`repositories\` serves it there.
\`null\` stands for a digest that the peer does not have or does not share; the two look the same. Older peers don't know
\`repositories\` and answer for all that they share. \`root\` is absent while the peer still hashes the leaves; \`http\` says
where ranges can be had by HTTPS: a port of the host that libp2p reaches, the sha-256 of its certificate, and a ticket.`,
    request: { ask: 'have', repositories: ['library/alpine'], digests: [DIGEST] },
    schema: haveResponseSchema,
    response: { offers: [OFFER] },
  },
  {
    title: 'What are the hashes of its leaves?',
    meaning: `A leaf is ${LEAF_SIZE / 1024 / 1024} MiB of the blob; the last one may be shorter. The peer waits for hashes that are
being made. \`root\` is the CID of the blob's DAG, which follows from the hashes, so the receiver checks it.`,
    request: { ask: 'leaves', digest: DIGEST },
    schema: leavesResponseSchema,
    response: { size: SIZE, root: ROOT, leaves: 4 },
    bytes: 'the sha-256 of each leaf, 32 bytes each, in order',
  },
  {
    title: 'Send a range',
    meaning: `\`start\` and \`end\` are offsets, both included, as in HTTP. \`size\` is that of the whole blob. The receiver
checks each leaf against the hashes, and ends the stream at the first that is wrong.`,
    request: { ask: 'range', digest: DIGEST, start: 0, end: LEAF_SIZE - 1 },
    schema: rangeResponseSchema,
    response: { size: SIZE, length: LEAF_SIZE },
    bytes: 'those of the range, `length` of them',
  },
  {
    title: 'May I fetch it from you now?',
    meaning: `Requests a slot. A peer serves a blob to ${SLOTS_PER_BLOB} others at a time. \`instead\` names the peers that have a slot
now, and which can be asked for what they have so far; it is empty if the requester has one. The slot lasts until the requester ends
the stream. Over HTTP the answer is \`null\`: there are no slots for requesters without an id.`,
    request: { ask: 'turn', digest: DIGEST },
    schema: slotResponseSchema,
    response: { offer: OFFER, instead: [PEER] },
    bytes: `counts of 4 bytes, big-endian, for as long as the stream is open: how many leaves, from the first on, can be fetched
now. 0 until the slot is granted. Another count follows whenever there is more, for a blob that this peer is still downloading`,
  },
  {
    title: 'Which manifests refer to this one?',
    meaning: `Digests of manifests whose \`subject\` it is, the most trustworthy first. The peer signs them for this request.`,
    request: { ask: 'referrers', digest: DIGEST, nonce: NONCE },
    schema: referrersResponseSchema,
    response: { digests: [DIGEST.replace('9f86', 'a1b2')], signature: SIGNATURE },
  },
  {
    title: 'What does this tag name?',
    meaning: `\`taggedAt\` is in milliseconds since 1970. A \`record\` of \`null\` means that the tag was not set at this peer.`,
    request: { ask: 'tag', repository: 'library/alpine', tag: '3.22', nonce: NONCE },
    schema: tagResponseSchema,
    response: { record: { digest: DIGEST, taggedAt: 1_795_000_000_000, signature: SIGNATURE } },
  },
  {
    title: 'Which repositories do you share?',
    meaning: `The first \`limit\` names after \`last\`, in byte order; \`more\` says whether others follow. \`null\` means that
the peer does not list what it has (\`swarm.share.list\`). \`bytes\` counts each blob once.`,
    request: { ask: 'repositories', last: 'library/alpine', limit: 100 },
    schema: repositoriesResponseSchema,
    response: { entries: [{ name: 'library/busybox', tags: 2, bytes: 2_213_448 }], more: false },
  },
  {
    title: 'Which tags does a repository have?',
    meaning: `In the same way. A \`page\` of \`null\` means that the peer does not have the repository, or does not share it.`,
    request: { ask: 'tags', repository: 'library/alpine', limit: 100 },
    schema: tagsResponseSchema,
    response: {
      page: {
        entries: [
          {
            name: '3.22',
            digest: DIGEST,
            mediaType: 'application/vnd.oci.image.index.v1+json',
            bytes: 3_379_712,
            at: 1_795_000_000_000,
          },
        ],
        more: false,
      },
    },
  },
]

const INTRODUCTION = `Peers exchange images by the messages below: one request a stream, one response, and for some requests
bytes after it. A request is about what is *shared* and on the peer's own disk: no peer answers from other peers, so a request can't
wander in circles. Everything that arrives is hostile until its schema has accepted it.`

const TRANSPORTS = `**Over libp2p** the protocol is ${code(PROTOCOL)}. Each side sends one frame: the length of a JSON text as an
[unsigned varint](https://github.com/multiformats/unsigned-varint), then the text in UTF-8. The request is the JSON itself, the
response is \`{"ok": …}\` around the JSON that is shown below. Bytes follow the response directly, until the stream ends. A peer that
can't answer, or does not know the request, resets the stream.

**Over HTTP**, the request is the body of \`POST /flotilla/ask\` (\`application/json\`, without a length in front), and the body of
the answer is what a stream would carry. Statuses are in [the API](api.md). A requester has no id there: it gets no slots and no
tickets, and a private swarm refuses it.

**Ranges of large blobs** go by HTTPS where an offer has \`http\`: \`GET /blobs/<digest>\` with \`Range\` and \`Authorization: Bearer\` with
the ticket. Peers of IPFS at large are asked for single leaves by Bitswap.`

const TRUST = `- **Bytes** need no trust. Each leaf is checked against the list of hashes, the list against its root, and the whole
  against the digest. Peers whose list proves false are penalised.
- **Sizes** are believed if a manifest here states them, else up to \`swarm.largest\`.
- **Tags and referrers** count only from peers under \`swarm.trust\`, or from members of a private swarm. They are signed by the peer's
  key over \`["flotilla-tag-record-2", nonce, peer, repository, tag, digest, taggedAt]\` or \`["flotilla-referrers-1", nonce, peer,
  subject, ...digests]\`, as JSON, in base64url. The nonce is the requester's, so a statement can't be replayed.
- **Lists** bind nobody: what they name is requested and checked like anything else.`

const LIMITS: readonly (readonly string[])[] = [
  ['bytes of a request', String(MAX_REQUEST_BYTES)],
  ['seconds in which a request must be complete', String(REQUEST_TIMEOUT_MS / 1000)],
  ['requests of one peer at the same time', String(MAX_REQUESTS_PER_PEER)],
  ['requests of all peers at the same time', String(MAX_REQUESTS)],
  ['digests in one request', String(MAX_DIGESTS_PER_REQUEST)],
  ['entries on a page of a list', String(MAX_PAGE_ENTRIES)],
  ['peers that fetch one blob from a peer at the same time', String(SLOTS_PER_BLOB)],
]

export function protocolPage(): string {
  if (MESSAGES.length !== REQUESTS.length) throw new Error('a request of the protocol has no example here')
  return page([
    GENERATED,
    '# The peer protocol',
    INTRODUCTION,
    '## Transports',
    TRANSPORTS,
    '## Trust',
    TRUST,
    '## Limits',
    table(['Limit', 'Value'], LIMITS),
    '## Messages',
    table(
      ['Request', 'Meaning'],
      MESSAGES.map(({ request, title }) => [`[${code(request.ask)}](#${request.ask})`, title]),
    ),
    ...MESSAGES.flatMap(sectionOf),
  ])
}

function sectionOf({ title, meaning, request, schema, response, bytes }: Message): string[] {
  schema.parse(response)
  const requestFields = fieldsOf(describe(requestFor(request))).map((row) => ['request', ...row])
  const responseFields = fieldsOf(describe(schema)).map((row) => ['response', ...row])
  return [
    `### ${request.ask}`,
    `**${title}** ${meaning}`,
    example(request, response),
    ...(bytes ? [`Then bytes: ${bytes}.`] : []),
    table(['In', 'Field', 'Value'], [...requestFields, ...responseFields]),
  ]
}

const REQUESTS = [...requestSchema.def.options, ...listRequestSchema.def.options]

/** The schema of this request. It has accepted the example. */
function requestFor(request: Message['request']): mini.ZodMiniType {
  const schema = REQUESTS.find(({ shape }) => shape.ask.def.values[0] === request.ask)
  if (!schema) throw new Error(`the protocol has no request ${request.ask}`)
  schema.parse(request)
  return schema
}

const describe = (schema: mini.ZodMiniType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })

const example = (request: unknown, response: unknown): string =>
  [
    '```json',
    JSON.stringify(request),
    JSON.stringify(response, null, 1).replaceAll(/\n\s*/g, ' '),
    '```',
  ].join('\n')

/** Each field of an object with what it may be; `a.b` is a field of `a`, and `a[].b` of its entries. */
function fieldsOf(schema: Schema, prefix = ''): string[][] {
  const { properties = {}, required = [] } = presentIn(schema)
  return Object.entries(properties).flatMap(([name, value]) => {
    if (name === 'ask') return []
    const field = value as Schema
    const entries = presentIn(field).items as Schema | undefined
    const optional = required.includes(name) ? '' : ', may be absent'
    return [
      [code(prefix + name), textOf(field) + optional],
      ...fieldsOf(field, `${prefix}${name}.`),
      ...(entries ? fieldsOf(entries, `${prefix}${name}[].`) : []),
    ]
  })
}

/** The alternative to `null`, if there is one. */
const presentIn = (schema: Schema): Schema =>
  (schema.anyOf?.find((one) => (one as Schema).type !== 'null') as Schema | undefined) ?? schema

function textOf(schema: Schema): string {
  const present = presentIn(schema)
  return describePresent(present) + (present === schema ? '' : ', or `null`')
}

function describePresent({ type, items, ...schema }: Schema): string {
  if (type === 'array')
    return `list of ${schema.maxItems ?? 'any number of'} at most, each: ${textOf(items as Schema)}`
  if (type === 'integer') return `integer${bounds(schema)}`
  if (type === 'string') return `text${lengthOf(schema)}${schema.pattern ? `, ${code(schema.pattern)}` : ''}`
  return String(type ?? 'anything')
}

function bounds({ minimum, maximum }: Schema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  return most === undefined ? ` from ${minimum}` : ` from ${minimum} to ${most}`
}

function lengthOf({ minLength, maxLength }: Schema): string {
  if (maxLength === undefined) return ''
  return minLength === maxLength ? ` of ${maxLength} characters` : ` of at most ${maxLength} characters`
}
