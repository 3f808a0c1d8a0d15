/**
 * What a row of a route table is, and how a path finds its row. The tables drive routing, `docs/api.md` and
 * `docs/openapi.json`, so that the three cannot drift apart.
 */
import { type ErrorCode, RegistryError } from '../oci/error.ts'
import { decodePercent } from '../oci/name.ts'
import type { RegistryResponse } from './message.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a method of a path does, for the documents. */
export interface OperationInfo {
  readonly summary: string
  /** The specification's name for it. */
  readonly specId?: string
  /** Query parameters with their meanings. */
  readonly query?: Readonly<Record<string, string>>
  /** Response headers of our own, with their meanings. */
  readonly headers?: Readonly<Record<string, string>>
  /** The name of a schema (`core/api/schemas.ts`), or a media type for bytes. */
  readonly body?: string
  /** As `body`, of the response. */
  readonly answer?: string
  readonly statuses: readonly number[]
  readonly errors: readonly ErrorCode[]
}

export interface Operation<C> extends OperationInfo {
  readonly handle: (context: C) => Promise<RegistryResponse>
}

/** The methods of a path, as far as routing knows them. */
export interface Methods<Operation> {
  readonly operations: Readonly<Partial<Record<Method, Operation>>>
  /** By method: why the configuration does not allow it. */
  readonly forbidden?: Readonly<Record<string, string | undefined>>
}

export interface Route<C> extends Methods<Operation<C>> {
  /** Distribution's name for it, which its metrics use. */
  readonly name: string
  /** `{name}` may span several segments of the path; other parameters are one each. */
  readonly path: string
}

export interface Match<Row> {
  readonly route: Row
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Returns the function that finds the route of a path as it was sent, percent-encoded. Earlier routes win. Each parameter
 * is decoded once. If the result is not text, the parameter stays encoded, which no name, digest or tag is. Clients may
 * also encode the slashes between parameters.
 */
export function createRouter<Row extends { readonly path: string }>(
  routes: readonly Row[],
): (path: string) => Match<Row> | undefined {
  const patterns = routes.map((route) => ({ route, pattern: toPattern(route.path) }))
  const find = (path: string): Match<Row> | undefined => {
    for (const { route, pattern } of patterns) {
      const match = pattern.exec(path)
      if (match) return { route, parameters: match.groups ?? {} }
    }
    return undefined
  }
  return (path) => {
    const match = find(path)
    if (!path.includes('%')) return match
    return match
      ? { ...match, parameters: mapValues(match.parameters, decodePercent) }
      : find(decodeRest(path))
  }
}

/** Leaves the first segment as it is, because servers choose by it who handles the request. */
function decodeRest(path: string): string {
  const slash = path.indexOf('/', 1)
  return slash < 0 ? path : path.slice(0, slash) + decodePercent(path.slice(slash))
}

const mapValues = (values: Readonly<Record<string, string>>, change: (value: string) => string) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))

/** @throws RegistryError if the path has no route, or the route does not have the method */
export function operationOf<Operation>(
  method: string,
  match: Match<Methods<Operation>> | undefined,
): Operation {
  if (!match) throw new RegistryError('UNSUPPORTED', 'there is no such path', { status: 404 })
  const { operations } = match.route
  const operation = operations[(method === 'HEAD' ? 'GET' : method) as Method]
  if (operation && Object.hasOwn(operations, method === 'HEAD' ? 'GET' : method)) return operation
  const { forbidden } = match.route
  const reason = forbidden && Object.hasOwn(forbidden, method) ? forbidden[method] : undefined
  throw new RegistryError('UNSUPPORTED', reason, { headers: { Allow: methodsOf(match) } })
}

/** As the header `Allow` lists them. */
export function methodsOf({ route }: Match<Methods<unknown>>): string {
  const methods = Object.keys(route.operations)
  return [...(methods.includes('GET') ? ['HEAD'] : []), ...methods].sort().join(', ')
}

/**
 * Names are matched greedily: they may contain `manifests` or `blobs`, and the last one in the path decides. A slash at
 * the end is optional.
 */
function toPattern(path: string): RegExp {
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
  const source = escaped.replace(/\{(\w+)\}/g, (_, parameter) =>
    parameter === 'name' ? '(?<name>.+)' : `(?<${parameter}>[^/]+)`,
  )
  return new RegExp(`^${source.replace(/\/$/, '/?')}$`)
}
