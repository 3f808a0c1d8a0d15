/**
 * What a row of the route table is, and how a path finds its row. The table drives routing, the labels of
 * metrics and the description of the API, so that the three cannot drift apart.
 */
import { type ErrorCode, RegistryError } from '../oci/error.ts'
import { decodePercent } from '../oci/percent.ts'
import type { RegistryResponse } from './message.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Operation<C> {
  readonly handle: (context: C) => Promise<RegistryResponse>
  readonly summary: string
  /** The specification's name for it. */
  readonly specId?: string
  /** Query parameters with their meanings. */
  readonly query?: Readonly<Record<string, string>>
  /** Response headers of our own, with their meanings. */
  readonly headers?: Readonly<Record<string, string>>
  readonly statuses: readonly number[]
  readonly errors: readonly ErrorCode[]
}

export interface Route<C> {
  /** Distribution's name for it, which its metrics use. */
  readonly name: string
  /** `{name}` may span several segments of the path; other parameters are one each. */
  readonly path: string
  readonly operations: Readonly<Partial<Record<Method, Operation<C>>>>
  /** By method: why the configuration does not let it be used here. */
  readonly forbidden?: Readonly<Record<string, string | undefined>>
}

export interface Match<C> {
  readonly route: Route<C>
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Gives the function that finds the route of a path as it was sent, percent-encoded. Earlier routes win. Each parameter is
 * decoded once. Where that gives no text, it stays as it is, which no name, digest or tag can be. A client may also have
 * encoded the slashes between the parameters.
 */
export function createRouter<C>(routes: readonly Route<C>[]): (path: string) => Match<C> | undefined {
  const patterns = routes.map((route) => ({ route, pattern: toPattern(route.path) }))
  const find = (path: string): Match<C> | undefined => {
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

/** Without the first segment: it says whose the path is, and doorways read it as it is. */
function decodeRest(path: string): string {
  const slash = path.indexOf('/', 1)
  return slash < 0 ? path : path.slice(0, slash) + decodePercent(path.slice(slash))
}

const mapValues = (values: Readonly<Record<string, string>>, change: (value: string) => string) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))

/** @throws RegistryError for a path without a route, or a method that it does not have */
export function operationOf<C>(method: string, match: Match<C> | undefined): Operation<C> {
  if (!match) throw new RegistryError('UNSUPPORTED', 'there is no such path', { status: 404 })
  const { operations } = match.route
  const operation = operations[(method === 'HEAD' ? 'GET' : method) as Method]
  if (operation && Object.hasOwn(operations, method === 'HEAD' ? 'GET' : method)) return operation
  const { forbidden } = match.route
  const reason = forbidden && Object.hasOwn(forbidden, method) ? forbidden[method] : undefined
  throw new RegistryError('UNSUPPORTED', reason, { headers: { Allow: methodsOf(match) } })
}

/** As the header `Allow` lists them. */
export function methodsOf<C>({ route }: Match<C>): string {
  const methods = Object.keys(route.operations)
  return [...(methods.includes('GET') ? ['HEAD'] : []), ...methods].sort().join(', ')
}

/**
 * A name is matched greedily: names may contain `manifests` or `blobs`, and the last one in the path decides.
 * A slash at the end may be left out.
 */
function toPattern(path: string): RegExp {
  const source = path.replace(/\{(\w+)\}/g, (_, parameter) =>
    parameter === 'name' ? '(?<name>.+)' : `(?<${parameter}>[^/]+)`,
  )
  return new RegExp(`^${source.replace(/\/$/, '/?')}$`)
}
