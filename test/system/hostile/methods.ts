/** Methods that a path does not have. */

import type { RequestRow } from './row.ts'
import { BLOB_DIGEST, REPOSITORY, TAG } from './stored.ts'

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  '/v2/': ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LOCK', 'PURGE', 'M-SEARCH', 'QUERY'],
  '/v2/_catalog': ['POST', 'PUT', 'DELETE', 'TRACE', 'SEARCH'],
  [`/v2/${REPOSITORY}/tags/list`]: ['POST', 'PUT', 'DELETE', 'REPORT'],
  [`/v2/${REPOSITORY}/manifests/${TAG}`]: ['POST', 'PATCH', 'TRACE', 'COPY', 'MOVE'],
  [`/v2/${REPOSITORY}/blobs/${BLOB_DIGEST}`]: ['POST', 'PUT', 'PATCH', 'TRACE', 'MKCOL'],
  [`/v2/${REPOSITORY}/blobs/uploads/`]: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'LINK'],
  [`/v2/${REPOSITORY}/referrers/${BLOB_DIGEST}`]: ['POST', 'PUT', 'DELETE', 'SUBSCRIBE'],
}

const refused = Object.entries(REFUSED).flatMap(([target, methods]) =>
  methods.map(
    (method): RequestRow => ({
      title: `${method} ${target.slice(0, 60)}`,
      method,
      target,
      statuses: [405],
      ...(method !== 'HEAD' && { code: 'UNSUPPORTED' as const }),
    }),
  ),
)

const OTHERS: readonly RequestRow[] = [
  { title: 'OPTIONS *', method: 'OPTIONS', target: '*', statuses: [204] },
  { title: 'OPTIONS of a path that does not exist', method: 'OPTIONS', target: '/nowhere', statuses: [204] },
  { title: 'GET *', target: '*', statuses: [404], code: 'UNSUPPORTED' },
  { title: 'POST to the root', method: 'POST', target: '/', statuses: [404, 405], code: 'UNSUPPORTED' },
  { title: 'DELETE of the root', method: 'DELETE', target: '/', statuses: [404, 405], code: 'UNSUPPORTED' },
]

export const METHODS: readonly RequestRow[] = [...refused, ...OTHERS]
