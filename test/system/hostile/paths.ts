/** Paths that lead out of the data folder if anybody joins or normalises them, and paths that lead nowhere. */

import type { RequestRow } from './row.ts'
import { BLOB_DIGEST, REPOSITORY } from './stored.ts'

const HEX = BLOB_DIGEST.slice('sha256:'.length)

const NO_SUCH_PATH = [
  '/..',
  '/../../secret',
  '/%2e%2e/secret',
  '/v1/',
  '/v3/',
  '/V2/',
  '//v2/',
  '/v2//',
  '/./v2/',
  '/%76%32/',
  '/v2/..',
  '/v2/../',
  '/v2/../../../../secret',
  '/v2/%2e%2e/%2e%2e/secret',
  '/v2/..%2f..%2fsecret',
  '/v2%2f',
  '/%76%32%2fa%2ftags%2flist',
  '/v2/%2f..%2f..%2fsecret',
  `/v2/${REPOSITORY}%2fmanifests%2f..%2f..%2fsecret%2f`,
  `/v2/${REPOSITORY}%252fmanifests%252flatest`,
  `/v2/${REPOSITORY}%2ftags%2flist%ff`,
  '/v2/..%5c..%5csecret',
  '/v2/..\\..\\secret',
  '/v2/....//....//secret',
  '/v2/{sandbox}/secret',
  '/v2/file://{sandbox}/secret',
  '/v2/library',
  `/v2/${REPOSITORY}`,
  `/v2/${REPOSITORY}/`,
  `/v2/${REPOSITORY}/manifests`,
  `/v2/${REPOSITORY}/manifests/`,
  `/v2/${REPOSITORY}/blobs`,
  `/v2/${REPOSITORY}/blobs/`,
  `/v2/${REPOSITORY}/tags`,
  `/v2/${REPOSITORY}/tags/`,
  `/v2/${REPOSITORY}/tags/list/`,
  `/v2/${REPOSITORY}/tags/other`,
  `/v2/${REPOSITORY}/referrers/`,
  `/v2/${REPOSITORY}/uploads/`,
  '/v2/_catalog/',
  '/v2/_catalog/x',
  '/v2/manifests/latest',
  '/v2/blobs/uploads/',
  '/v2/tags/list',
  '/catalog.db',
  '/blobs/sha256/',
  `/blobs/sha256/${HEX}`,
  '/favicon.ico',
  '/.git/config',
  '/metrics',
  '/debug/pprof/',
  `/${'a'.repeat(15_000)}`,
  `/${'/'.repeat(15_000)}`,
  `/v2/${'../../'.repeat(4_000)}secret`,
  `/v2/${'%2e%2e%2f'.repeat(1_500)}secret`,
]

const nowhere = NO_SUCH_PATH.map(
  (target): RequestRow => ({
    title: `GET ${target.slice(0, 60)}`,
    target,
    statuses: [404],
    code: 'UNSUPPORTED',
  }),
)

/** Traversal in each parameter of a path; what has the form of a route is refused by the rule for the parameter. */
const TRAVERSALS = [
  '..',
  '%2e%2e',
  '..%2f..%2f..%2fsecret',
  '%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret',
  '..%5c..%5csecret',
  '..%c0%af..%c0%afsecret',
  '..%252f..%252fsecret',
  '%2fetc%2fpasswd',
  '%00',
  'sha256:..%2f..%2f..%2fsecret',
  'sha256:%2e%2e',
  `sha256:..%2fsha256%2f${HEX}`,
  `..%2fblobs%2fsha256%2f${HEX}`,
]

const traversals = TRAVERSALS.flatMap((parameter): RequestRow[] => [
  {
    title: `blob ${parameter}`,
    target: `/v2/${REPOSITORY}/blobs/${parameter}`,
    statuses: [400],
    code: 'DIGEST_INVALID',
  },
  {
    title: `manifest ${parameter}`,
    target: `/v2/${REPOSITORY}/manifests/${parameter}`,
    statuses: [404],
    code: 'MANIFEST_UNKNOWN',
  },
  {
    title: `referrers of ${parameter}`,
    target: `/v2/${REPOSITORY}/referrers/${parameter}`,
    statuses: [400],
    code: 'DIGEST_INVALID',
  },
  {
    title: `push of the manifest ${parameter}`,
    method: 'PUT',
    target: `/v2/${REPOSITORY}/manifests/${parameter}`,
    body: '{}',
    statuses: [400],
  },
  {
    title: `chunk for the upload ${parameter}`,
    method: 'PATCH',
    target: `/v2/${REPOSITORY}/blobs/uploads/${parameter}`,
    body: 'escaped',
    statuses: [404],
    code: 'BLOB_UPLOAD_UNKNOWN',
  },
  {
    title: `cancel of the upload ${parameter}`,
    method: 'DELETE',
    target: `/v2/${REPOSITORY}/blobs/uploads/${parameter}`,
    statuses: [404],
    code: 'BLOB_UPLOAD_UNKNOWN',
  },
])

export const PATHS: readonly RequestRow[] = [...nowhere, ...traversals]
