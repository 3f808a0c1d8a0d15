/** `docs/openapi.json`: the HTTP API as OpenAPI 3.1, made from the route tables and the schemas of the bodies. */
import * as z from 'zod'
import { API_OPERATIONS, type ApiOperation } from '../../core/api/operations.ts'
import { API_ROUTES, type RouteName } from '../../core/api/routes.ts'
import { SCHEMAS, type SchemaName } from '../../core/api/schemas.ts'
import type { Method, OperationInfo } from '../../core/http/route.ts'
import { ERROR_CODES, type ErrorCode } from '../../core/oci/error.ts'
import { ROUTES } from '../../core/registry/routes.ts'

const DESCRIPTION = `The API of the OCI Distribution Specification below \`/v2/\`, and what Flotilla adds below
\`/flotilla/\`; see api.md. Each GET can also be a HEAD. \`{name}\` may contain slashes.`

const TAGS = {
  registry: 'The OCI Distribution API',
  anyone: 'For peers and clients, and for web pages of the origins that `http.cors` names',
  page: "For pages of the registry's own origin, and for programs",
  owner:
    "The admin API: for the owner's programs on the same machine, or in a browser for the registry's own pages",
}

/** What both tables say of a path. */
interface Described {
  readonly name: string
  readonly path: string
  readonly tag: keyof typeof TAGS
  readonly operations: Readonly<Partial<Record<Method, OperationInfo & Pick<ApiOperation, 'only'>>>>
}

const DESCRIBED: readonly Described[] = [
  ...ROUTES.map((route): Described => ({ ...route, tag: 'registry' })),
  ...Object.entries(API_ROUTES).map(
    ([name, { path, audience }]): Described => ({
      name,
      path,
      tag: audience,
      operations: API_OPERATIONS[name as RouteName],
    }),
  ),
]

export const openApi = (): string => `${JSON.stringify(document(), undefined, 2)}\n`

const document = () => ({
  openapi: '3.1.1',
  info: {
    title: 'Flotilla',
    version: '1',
    description: DESCRIPTION,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: 'http://localhost:5000' }],
  tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  paths: Object.fromEntries(DESCRIBED.map((route) => [route.path, pathItem(route)])),
  components: {
    schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, jsonSchema(schema)])),
    securitySchemes: {
      owner: { type: 'http', scheme: 'bearer', description: 'the token in owner.json of the data folder' },
    },
  },
})

/** Of what is sent, before anything is made of it. */
function jsonSchema(schema: z.core.$ZodType): object {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return described
}

const pathItem = (route: Described) => ({
  ...Object.fromEntries(
    Object.entries(route.operations).map(([method, operation]) => [
      method.toLowerCase(),
      describe(route, method, operation),
    ]),
  ),
})

const describe = (
  { name, path, tag }: Described,
  method: string,
  operation: Described['operations']['GET'] & {},
) => ({
  operationId: `${method.toLowerCase()}_${tag === 'registry' ? 'v2' : 'flotilla'}_${name}`,
  summary: operation.summary,
  tags: [tag],
  ...(operation.only && { 'x-only': operation.only }),
  ...(tag === 'owner' && operation.only !== 'browser' && { security: [{ owner: [] }] }),
  parameters: [...pathParameters(path), ...queryParameters(operation.query)],
  ...(operation.body && { requestBody: { content: contentOf(operation.body) } }),
  responses: { ...successes(operation), ...failures(operation.errors) },
})

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

const queryParameters = (query: OperationInfo['query'] = {}) =>
  Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    ...(description.includes('may be repeated')
      ? { schema: { type: 'array', items: { type: 'string' } } }
      : { schema: { type: 'string' } }),
  }))

/** @param payload - the name of a schema, or a media type */
function contentOf(payload: string) {
  if (payload.includes('/')) return { [payload]: {} }
  if (!(payload in SCHEMAS)) throw new Error(`there is no schema ${payload}`)
  return { 'application/json': { schema: refTo(payload as SchemaName) } }
}

const refTo = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` })

function successes({ statuses, answer, headers = {} }: OperationInfo) {
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ])
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: SUCCESS[status] ?? 'Success',
        ...(described.length > 0 && { headers: Object.fromEntries(described) }),
        ...(answer && status !== 304 && { content: contentOf(answer) }),
      },
    ]),
  )
}

const SUCCESS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'Done',
  206: 'A part of it',
  304: 'Not modified',
}

/** By status, and any other: HTTP may have a better status than a code's own. */
function failures(errors: readonly ErrorCode[]) {
  const byStatus = Object.groupBy(errors, (error) => ERROR_CODES[error][0])
  const content = { 'application/json': { schema: refTo('Errors') } }
  return {
    ...Object.fromEntries(
      Object.entries(byStatus).map(([status, codes]) => [
        status,
        { description: codes!.join(', '), content },
      ]),
    ),
    default: { description: 'Any other failure', content },
  }
}
