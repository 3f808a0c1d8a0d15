/** The page about the HTTP API, made from the route tables and the error codes that the registry itself runs by. */
import { API_OPERATIONS, type ApiOperation } from '../../core/api/operations.ts'
import { API_ROUTES, type Audience, type RouteName } from '../../core/api/routes.ts'
import type { OperationInfo } from '../../core/http/route.ts'
import { ERROR_CODES, type ErrorCode } from '../../core/oci/error.ts'
import { ROUTES } from '../../core/registry/routes.ts'
import { MAX_REQUEST_BYTES } from '../../core/swarm/protocol/limits.ts'
import { code, GENERATED, page, table } from './markdown.ts'

const INTRODUCTION = `[openapi.json](openapi.json) describes the same API as OpenAPI 3.1, with the schema of every JSON body; the names of
schemas below are those in it.

Flotilla implements the
[OCI Distribution Specification](https://github.com/opencontainers/distribution-spec/blob/main/spec.md) below \`/v2/\`; the
numbers \`end-…\` are the specification's. Below \`/flotilla/\` is what it adds. Each GET can also be a HEAD, with the same
headers and no body. Every path answers OPTIONS. \`{name}\` may contain slashes; every other parameter is one segment of the
path. With \`Cache-Control: only-if-cached\` in a request no peer is asked for what is not stored here.

A request must name a host that the registry answers to (\`http.hosts\`), or it is answered with 421 DENIED. If a browser's
headers (\`Origin\`, \`Sec-Fetch-Site\`, \`Sec-Fetch-Dest\`) say that a page of another origin sends the request, \`http.cors\` must
name that origin; a request for a script, a style or a frame is always refused. Both are answered with 403 DENIED, whether or
not the content exists. No response can run in a browser: all carry \`nosniff\`, a policy with \`sandbox\` and
\`Cross-Origin-Resource-Policy\`, and blobs are attachments.`

const AUDIENCES: Readonly<Record<Audience, string>> = {
  anyone: `The swarm's protocol by HTTP, below \`http.prefix\`, for programs that do not speak libp2p, such as browsers. Web pages may
use it if \`http.cors.origins\` names their origin. A registry that is in no swarm answers 503, one in a private swarm 403 DENIED.
With \`swarm.enabled: false\` these paths do not exist.

\`/flotilla/ask\` takes one request of the [protocol](../src/core/swarm/protocol/messages.ts), or for a
[list](../src/core/swarm/protocol/list-messages.ts), as \`application/json\` of at most ${MAX_REQUEST_BYTES / 1024} KiB. The response is what a libp2p stream
would carry: a varint with the length of \`{"ok":…}\`, that JSON, and the bytes that were requested. It answers 400 to what is
not a request, 408 if the request arrives too slowly, 413 if it is too large, 415 for another content type, and 429 if too many
requests are being answered. What only this peer's word proves is
[signed](../src/core/swarm/protocol/statements.ts).`,
  page: `For pages of the registry's own origin and for programs, below \`http.prefix\`. Each address of the page has its own storage in
a browser, so pages tell the server at which of them images are stored.`,
  owner: `The admin API is for the owner of the registry. On a server: programs on the same machine that send
\`Authorization: Bearer\` with the token in \`owner.json\` of the data folder, which only its owner can read and which each start
replaces. Without the token the answer is 401 UNAUTHORIZED; to other machines, through a proxy or from a web page it is 403
DENIED. In a browser: pages of the registry's own origin. \`/flotilla/peers/{id}/v2/…\` is there the \`/v2/…\` of a peer that is
reached by HTTP.

Where a peer gives no list, \`detail.reason\` says why: \`not-connected\`, \`not-shared\`, \`older\` (its version does not know the
request), \`unknown-repository\`, \`failed\`, \`alone\`. Lists of peers are not stored. Times are milliseconds since 1970, sizes are
bytes.`,
}

const FAILURES = `Failures are answered with JSON,
\`{"errors":[{"code":"…","message":"…","detail":…}]}\` (\`Errors\`), and the status of the first entry: the one below, or another
if HTTP has a better one for the case, such as 404 for a path that does not exist, 409 for an upload that
another request is writing to, 413 for a manifest that is too large, 414 for too many tags or 415 for a wrong content
type. Any request may be answered with UNSUPPORTED if the path does not have the method or the configuration
forbids it, with DENIED if it comes from a web page that may not do this or names an unknown host, and with UNKNOWN if the
registry itself failed.

MANIFEST_UNKNOWN has \`detail.reason\` for GET without \`?ns=\`: \`unknown-repository\`; \`unknown-tag\`, with up to 20 \`tags\` that
are here or at trusted peers, the most similar first; \`unknown-digest\`; \`untrusted\` and \`not-given\`, with the \`peers\`
that have the tag; \`no-peer\`; \`deleted\`.`

/** What both tables say of a path. */
interface Described {
  readonly path: string
  readonly operations: Readonly<Record<string, OperationInfo & Pick<ApiOperation, 'only'>>>
}

export const apiPage = (): string =>
  page([
    GENERATED,
    '# HTTP API',
    INTRODUCTION,
    '## The registry',
    ...section(ROUTES as readonly Described[]),
    '## For the owner',
    AUDIENCES.owner,
    ...section(routesFor('owner')),
    '## For pages of the registry',
    AUDIENCES.page,
    ...section(routesFor('page')),
    '## For peers and other clients',
    AUDIENCES.anyone,
    ...section(routesFor('anyone')),
    '## Errors',
    FAILURES,
    table(['Code', 'Status', 'Message'], Object.entries(ERROR_CODES).map(errorRow)),
  ])

const routesFor = (audience: Audience): Described[] =>
  Object.entries(API_ROUTES)
    .filter(([, route]) => route.audience === audience)
    .map(([name, { path }]) => ({ path, operations: API_OPERATIONS[name as RouteName] }))

const section = (routes: readonly Described[]): string[] => [
  table(['Path', 'Methods'], routes.map(summaryOf)),
  ...routes.flatMap(routeSection),
]

const summaryOf = ({ path, operations }: Described): string[] => [
  code(path),
  Object.keys(operations).join(', '),
]

const routeSection = ({ path, operations }: Described): string[] => [
  `### ${code(path)}`,
  ...Object.entries(operations).map(([method, operation]) => operationSection(method, operation)),
]

const PLATFORMS = { browser: 'in browsers only', server: 'on servers only' }

function operationSection(method: string, operation: Described['operations'][string]): string {
  const { summary, specId, only, query = {}, headers = {}, body, answer, statuses, errors } = operation
  const notes = [specId, only && PLATFORMS[only]].filter((note) => note !== undefined)
  return [
    `**${method}**: ${summary}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}.`,
    '',
    ...Object.entries(query).map(([name, meaning]) => `- ${code(`?${name}=`)} ${meaning}`),
    ...(body ? [`- takes ${code(body)}`] : []),
    ...Object.entries(headers).map(([name, meaning]) => `- answers with ${code(name)}: ${meaning}`),
    `- succeeds with ${statuses.join(', ')}${answer ? ` and ${code(answer)}` : ''}`,
    ...(errors.length > 0 ? [`- fails with ${errors.map(withStatus).join(', ')}`] : []),
  ].join('\n')
}

const withStatus = (error: ErrorCode): string => `${ERROR_CODES[error][0]} ${error}`

const errorRow = ([name, [status, message]]: [string, (typeof ERROR_CODES)[ErrorCode]]): string[] => [
  code(name),
  String(status),
  message,
]
