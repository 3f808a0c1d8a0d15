/** The page about the HTTP API, made from the route table and the error codes that the registry itself runs by. */

import { ADMIN_ROUTES } from '../../core/admin/routes.ts'
import type { Operation, Route } from '../../core/http/route.ts'
import { ERROR_CODES, type ErrorCode } from '../../core/oci/error.ts'
import { ROUTES } from '../../core/registry/routes.ts'
import { MAX_REQUEST_BYTES } from '../../core/swarm/protocol/limits.ts'
import { code, GENERATED, page, table } from './markdown.ts'

const INTRODUCTION = `Flotilla answers the API of the
[OCI Distribution Specification](https://github.com/opencontainers/distribution-spec/blob/main/spec.md); the numbers
\`end-…\` are the specification's. Whatever answers GET answers HEAD too, with the same headers and no body. OPTIONS is
answered on every path. \`{name}\` may hold slashes; every other parameter is one segment of the path. With
\`Cache-Control: only-if-cached\` in a request no peer is asked for what is not here.

A request must name a host that the registry answers to (\`http.hosts\`), else the answer is 421 DENIED. What a browser
says of a request (\`Origin\`, \`Sec-Fetch-Site\`, \`Sec-Fetch-Dest\`) must not tell of a page of another origin, unless
\`http.cors\` names it, nor of a use as a script, style or frame: else the answer is 403 DENIED, whatever is here. To browsers
all answers are inert: \`nosniff\`, a policy with \`sandbox\`, \`Cross-Origin-Resource-Policy\`, and blobs are attachments.`

const OWNER = `What follows is for whoever the registry belongs to: on a server for programs on the same machine that
send \`Authorization: Bearer\` with the token in \`owner.json\` of the data folder, which only its owner can read and which
each start makes anew; and in a browser for pages of the registry's own origin. Without the token the answer is 401
UNAUTHORIZED; to whoever comes from elsewhere, through a proxy or from a web page 403 DENIED. \`GET /flotilla/peers\`, on
a server, tells who it is connected to, how, and what moved, and with \`lists\` whether a peer tells what it has. That binds nobody, and
nothing of it is kept here. Where there is no list, \`detail.reason\` says why: \`not-connected\`, \`not-shared\`, \`older\` (a
version that does not know the question), \`unknown-repository\`, \`failed\`, \`alone\`. Times are milliseconds since 1970, sizes bytes. \`source\` is \`pushed\`, or
\`peers\` for what came from them and was never pushed. \`bytes\` of an image counts the manifest and all that it needs
and that is here, each digest once; \`missing\` counts the digests that are not.`

const PEERS = `The swarm's protocol by HTTP, below \`http.prefix\`, for programs that do not speak libp2p, such as browsers.
Errors are as below; a registry in no swarm answers with 503, one in a private swarm with 403 DENIED. Where
\`swarm.enabled\` is false, there are no such paths.

- \`GET /flotilla/peer\` tells who this is: \`{"id":"12D3…","addresses":["/ip4/…/tcp/…/p2p/12D3…"],"writable":true}\`, the last whether the
  page that asks, if it is one, may push here. With \`?nonce=\`, of 22
  to 64 letters of base64url, \`signature\` proves it: in base64url, by the key in the id, over the JSON
  \`["flotilla-peer-1",nonce,id]\`. What only this peer's word proves is [signed](../src/core/swarm/statements.ts) in the same way.
- \`POST /flotilla/ask\` answers one question of the [swarm](../src/core/swarm/messages.ts), or for a
  [list](../src/core/swarm/list-messages.ts), as JSON of type \`application/json\` and at
  most ${MAX_REQUEST_BYTES / 1024} KiB: with 200 and \`application/octet-stream\`, which is what a stream of libp2p would carry, a
  varint of the length of \`{"ok":…}\`, that JSON, and the bytes that the question asks for. 400 for what is no question,
  408 for one that takes too long to come, 413 for one that is too large, 415 for another type, 429 where too many are
  being answered.

Beside these, \`POST /flotilla/page-address?images=true\` is for pages of this registry: it tells that images are stored in a
browser at the address of the page, and is answered with the one \`address\` at which people should open the page, and with
\`others\` at which images may be stored.`

const FAILURES = `A failure is answered with JSON,
\`{"errors":[{"code":"…","message":"…","detail":…}]}\`, and the status of its first entry: the one below, or another
where HTTP has a better one for the case, such as 404 for a path that is not in this page, 409 for an upload that
another request is writing to, 413 for a manifest that is too large, 414 for too many tags or 415 for a wrong content
type. Any request may be answered with UNSUPPORTED where the path does not have the method or the configuration
forbids it, with DENIED where it comes from a web page that may not do this or names a host of others, and with UNKNOWN where the
registry itself failed.

MANIFEST_UNKNOWN has \`detail.reason\` for GET without \`?ns=\`: \`unknown-repository\`; \`unknown-tag\`, with up to 20 \`tags\` that
are here or at trusted peers, those that are like it first; \`unknown-digest\`; \`untrusted\` and \`not-given\`, with the \`peers\`
that have the tag; \`no-peer\`; \`deleted\`.`

export const apiPage = (): string =>
  page([
    GENERATED,
    '# HTTP API',
    INTRODUCTION,
    table(['Path', 'Methods'], ROUTES.map(summaryOf)),
    ...ROUTES.flatMap(routeSection),
    "## The owner's API",
    OWNER,
    table(['Path', 'Methods'], ADMIN_ROUTES.map(summaryOf)),
    ...ADMIN_ROUTES.flatMap(routeSection),
    '## Peers',
    PEERS,
    '## Errors',
    FAILURES,
    table(['Code', 'Status', 'Message'], Object.entries(ERROR_CODES).map(errorRow)),
  ])

const summaryOf = <C>({ path, operations }: Route<C>): string[] => [
  code(path),
  Object.keys(operations).join(', '),
]

const routeSection = <C>({ path, operations }: Route<C>): string[] => [
  `## ${code(path)}`,
  ...Object.entries(operations).map(([method, operation]) => operationSection(method, operation)),
]

function operationSection<C>(method: string, operation: Operation<C>): string {
  const { summary, specId: ends, query = {}, headers = {}, statuses, errors } = operation
  return [
    `**${method}**: ${summary}${ends ? ` (${ends})` : ''}.`,
    '',
    ...Object.entries(query).map(([name, meaning]) => `- ${code(`?${name}=`)} ${meaning}`),
    ...Object.entries(headers).map(([name, meaning]) => `- answers with ${code(name)}: ${meaning}`),
    `- succeeds with ${statuses.join(', ')}`,
    ...(errors.length > 0 ? [`- fails with ${errors.map(withStatus).join(', ')}`] : []),
  ].join('\n')
}

const withStatus = (error: ErrorCode): string => `${ERROR_CODES[error][0]} ${error}`

const errorRow = ([name, [status, message]]: [string, (typeof ERROR_CODES)[ErrorCode]]): string[] => [
  code(name),
  String(status),
  message,
]
