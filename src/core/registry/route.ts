/**
 * What a row of the route table is, and how a path finds its row. The table drives routing, the labels of
 * metrics and the description of the API, so that the three cannot drift apart.
 */
import type { ErrorCode } from '../oci/error.ts'
import type { Endpoint } from './context.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Operation {
  readonly handle: Endpoint
  readonly summary: string
  /** The specification's name for it. */
  readonly ends?: string
  /** Query parameters with their meanings. */
  readonly query?: Readonly<Record<string, string>>
  /** Response headers of our own, with their meanings. */
  readonly headers?: Readonly<Record<string, string>>
  readonly statuses: readonly number[]
  readonly errors: readonly ErrorCode[]
}

export interface Route {
  /** Distribution's name for it, which its metrics use. */
  readonly name: string
  /** `{name}` may span several segments of the path; other parameters are one each. */
  readonly path: string
  readonly operations: Readonly<Partial<Record<Method, Operation>>>
}

export interface Match {
  readonly route: Route
  readonly parameters: Readonly<Record<string, string>>
}

/** Gives the function that finds the route of a path. Earlier routes win. */
export function createRouter(routes: readonly Route[]): (path: string) => Match | undefined {
  const patterns = routes.map((route) => ({ route, pattern: toPattern(route.path) }))
  return (path) => {
    for (const { route, pattern } of patterns) {
      const match = pattern.exec(path)
      if (match) return { route, parameters: match.groups ?? {} }
    }
    return undefined
  }
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
