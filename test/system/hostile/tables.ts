/** All tables, by what is bad in their rows. */
import { DIGESTS } from './digests.ts'
import { HEADERS } from './headers.ts'
import { HTTP_BODIES } from './http-bodies.ts'
import { HTTP_FRAMING } from './http-framing.ts'
import { JSON_BOMBS } from './json-bombs.ts'
import { MANIFESTS } from './manifests.ts'
import { METHODS } from './methods.ts'
import { NAMES } from './names.ts'
import { PATHS } from './paths.ts'
import { QUERIES } from './queries.ts'
import { RANGES } from './ranges.ts'
import type { Row } from './row.ts'
import { UPLOADS } from './uploads.ts'

export const TABLES: Readonly<Record<string, readonly Row[]>> = {
  names: NAMES,
  paths: PATHS,
  digests: DIGESTS,
  queries: QUERIES,
  headers: HEADERS,
  methods: METHODS,
  ranges: RANGES,
  uploads: UPLOADS,
  manifests: MANIFESTS,
  'JSON bombs': JSON_BOMBS,
  'HTTP bodies': HTTP_BODIES,
  'HTTP framing': HTTP_FRAMING,
}
