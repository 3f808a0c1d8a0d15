/** Digests that are malformed, of an algorithm that nothing is stored by, or of other content. */

import { digestOf } from '../../support/digest.ts'
import type { RequestRow } from './row.ts'
import { CONFIG_DIGEST, MANIFEST, MANIFEST_DIGEST, MANIFEST_TYPE, REPOSITORY } from './stored.ts'

const HEX = CONFIG_DIGEST.slice('sha256:'.length)

const MALFORMED = [
  'sha256:',
  'sha256:0',
  'sha256:baddigeststring',
  `sha256:${HEX.slice(1)}`,
  `sha256:${HEX}0`,
  `sha256:${HEX.toUpperCase()}`,
  `SHA256:${HEX}`,
  `Sha256:${HEX}`,
  `sha256:${HEX.slice(1)}g`,
  `sha256:${HEX}%00`,
  `sha256:${HEX}%0a`,
  `sha256:${HEX}%20`,
  `%20sha256:${HEX}`,
  `sha256::${HEX}`,
  `sha256:sha256:${HEX}`,
  `:${HEX}`,
  `sha257:${HEX}`,
  `sha1:${HEX.slice(24)}`,
  `md5:${HEX.slice(32)}`,
  `sha512:${HEX}`,
  `sha256:${HEX}${HEX}`,
  `sha384:${HEX}${HEX.slice(32)}`,
  `sha512:${HEX}${HEX.slice(1)}`,
  `sha512-256:${HEX}`,
  `blake3:${HEX}`,
  `tarsum.v1+sha256:${HEX}`,
  `multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8`,
  `__proto__:${HEX}`,
  `constructor:${HEX}`,
  `toString:`,
  `sha256:${'0'.repeat(10_000)}`,
  `${'sha256+'.repeat(1_000)}sha256:${HEX}`,
  `sha256:${'%30'.repeat(63)}`,
]

const malformed = MALFORMED.flatMap((digest): RequestRow[] => {
  const title = digest.slice(0, 48)
  return [
    {
      title: `blob ${title}`,
      target: `/v2/${REPOSITORY}/blobs/${digest}`,
      statuses: [400],
      code: 'DIGEST_INVALID',
    },
    {
      title: `push of a blob as ${title}`,
      method: 'POST',
      target: `/v2/${REPOSITORY}/blobs/uploads/?digest=${digest.replaceAll('+', '%2b')}`,
      body: 'x',
      statuses: [400],
      code: 'DIGEST_INVALID',
    },
    {
      title: `push of a manifest as ${title}`,
      method: 'PUT',
      target: `/v2/${REPOSITORY}/manifests/${digest}`,
      headers: [`Content-Type: ${MANIFEST_TYPE}`],
      body: MANIFEST,
      statuses: [400],
      code: 'DIGEST_INVALID',
    },
    {
      title: `manifest ${title}`,
      target: `/v2/${REPOSITORY}/manifests/${digest}`,
      statuses: [404],
      code: 'MANIFEST_UNKNOWN',
    },
  ]
})

/** Well-formed digests of what is not here, or not of that kind. */
const UNKNOWN: readonly RequestRow[] = [
  {
    title: 'blob of zeros',
    target: `/v2/${REPOSITORY}/blobs/sha256:${'0'.repeat(64)}`,
    statuses: [404],
    code: 'BLOB_UNKNOWN',
  },
  {
    title: 'manifest asked for as a blob',
    target: `/v2/${REPOSITORY}/blobs/${MANIFEST_DIGEST}`,
    statuses: [404],
    code: 'BLOB_UNKNOWN',
  },
  {
    title: 'blob asked for as a manifest',
    target: `/v2/${REPOSITORY}/manifests/${CONFIG_DIGEST}`,
    statuses: [404],
    code: 'MANIFEST_UNKNOWN',
  },
  {
    title: 'blob of another repository',
    target: `/v2/other/blobs/${CONFIG_DIGEST}`,
    statuses: [404],
    code: 'BLOB_UNKNOWN',
  },
  {
    title: 'manifest of another repository',
    target: `/v2/other/manifests/${MANIFEST_DIGEST}`,
    statuses: [404],
    code: 'MANIFEST_UNKNOWN',
  },
  {
    title: 'blob by its sha512, which nobody pushed it by',
    target: `/v2/${REPOSITORY}/blobs/${digestOf('{}', 'sha512')}`,
    statuses: [404],
    code: 'BLOB_UNKNOWN',
  },
  {
    title: 'delete of a blob that is not here',
    method: 'DELETE',
    target: `/v2/${REPOSITORY}/blobs/sha256:${'1'.repeat(64)}`,
    statuses: [404],
    code: 'BLOB_UNKNOWN',
  },
  {
    title: 'delete of a manifest that is not here',
    method: 'DELETE',
    target: `/v2/${REPOSITORY}/manifests/sha256:${'1'.repeat(64)}`,
    statuses: [404],
    code: 'MANIFEST_UNKNOWN',
  },
  {
    title: 'blob pushed under the digest of others',
    method: 'POST',
    target: `/v2/${REPOSITORY}/blobs/uploads/?digest=${CONFIG_DIGEST}`,
    body: 'not the config',
    statuses: [400],
    code: 'DIGEST_INVALID',
  },
  {
    title: 'manifest pushed under the digest of another',
    method: 'PUT',
    target: `/v2/${REPOSITORY}/manifests/${CONFIG_DIGEST}`,
    headers: [`Content-Type: ${MANIFEST_TYPE}`],
    body: MANIFEST,
    statuses: [400],
    code: 'DIGEST_INVALID',
  },
  {
    title: 'nothing pushed under a digest of something',
    method: 'POST',
    target: `/v2/${REPOSITORY}/blobs/uploads/?digest=${CONFIG_DIGEST}`,
    statuses: [400],
    code: 'DIGEST_INVALID',
  },
]

export const DIGESTS: readonly RequestRow[] = [...malformed, ...UNKNOWN]
