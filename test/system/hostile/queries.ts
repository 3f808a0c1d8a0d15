/** Query parameters out of all bounds. */

import type { RequestRow } from './row.ts'
import { BLOB_DIGEST, MANIFEST, MANIFEST_DIGEST, MANIFEST_TYPE, REPOSITORY, TAG } from './stored.ts'

const NOT_A_NUMBER = [
  '-1',
  '+1',
  'a',
  '1a',
  '0x10',
  '1e3',
  '1.5',
  'NaN',
  'Infinity',
  '%00',
  '%20',
  '1%0a',
  '9'.repeat(1_000),
  '[]',
  '%d9%a1',
]

const sizes = NOT_A_NUMBER.flatMap((n) =>
  ['/v2/_catalog', `/v2/${REPOSITORY}/tags/list`].map(
    (list): RequestRow => ({
      title: `${list}?n=${n.slice(0, 20)}`,
      target: `${list}?n=${n}`,
      statuses: [400],
      code: 'PAGINATION_NUMBER_INVALID',
    }),
  ),
)

const MARKERS = [
  '%00',
  '%ff%ff%ff',
  '%ed%a0%80',
  '..%2f..',
  "'%20OR%201=1%20--",
  '%f0%9f%90%b3',
  'a'.repeat(10_000),
  '',
  '%25',
]

const markers = MARKERS.flatMap((last) =>
  ['/v2/_catalog', `/v2/${REPOSITORY}/tags/list`, `/v2/${REPOSITORY}/referrers/${MANIFEST_DIGEST}`].map(
    (list): RequestRow => ({
      title: `${list}?last=${last.slice(0, 20)}`,
      target: `${list}?last=${last}`,
      statuses: [200],
    }),
  ),
)

const NAMESPACES = [
  '',
  '..',
  '..%2f..',
  '%00',
  '{sandbox}',
  '%0d%0aX-Injected:%201',
  'registry.test:5000',
  'a'.repeat(10_000),
]

const namespaces = NAMESPACES.map(
  (ns): RequestRow => ({
    title: `?ns=${ns.slice(0, 20)}`,
    target: `/v2/${REPOSITORY}/manifests/${TAG}?ns=${ns}`,
    statuses: [200],
  }),
)

const OTHERS: readonly RequestRow[] = [
  {
    title: 'a page of the catalog beyond the limit',
    target: `/v2/_catalog?n=${'9'.repeat(64)}`,
    statuses: [400],
    code: 'PAGINATION_NUMBER_INVALID',
  },
  {
    title: 'a page of tags beyond the limit',
    target: `/v2/${REPOSITORY}/tags/list?n=${'9'.repeat(64)}`,
    statuses: [200],
  },
  { title: 'a page of nothing', target: '/v2/_catalog?n=0', statuses: [200] },
  { title: '5,000 parameters', target: `/v2/_catalog?${'a=1&'.repeat(3_000)}`, statuses: [200] },
  { title: 'nothing but separators', target: `/v2/_catalog?${'&='.repeat(5_000)}`, statuses: [200] },
  { title: 'many question marks', target: `/v2/_catalog${'?'.repeat(1_000)}`, statuses: [200] },
  { title: 'broken percent signs', target: '/v2/_catalog?%&%zz=%u0000&%=%', statuses: [200] },
  { title: '__proto__ as a parameter', target: '/v2/_catalog?__proto__=1&constructor=2', statuses: [200] },
  {
    title: 'a filter by an endless type',
    target: `/v2/${REPOSITORY}/referrers/${MANIFEST_DIGEST}?artifactType=${'a'.repeat(10_000)}`,
    statuses: [200],
  },
  {
    title: 'a filter with bytes that are no text',
    target: `/v2/${REPOSITORY}/referrers/${MANIFEST_DIGEST}?artifactType=%ff%00%0d%0aX-Injected:%201`,
    statuses: [200],
  },
  {
    title: 'a malformed mount',
    method: 'POST',
    target: '/v2/other/blobs/uploads/?mount=..%2f..%2fsecret&from=..',
    statuses: [202],
  },
  {
    title: 'a mount of everything',
    method: 'POST',
    target: '/v2/other/blobs/uploads/?mount=*&from=*',
    statuses: [202],
  },
  ...['md5', 'sha384', '', 'SHA256', '__proto__', 'sha256,sha512', '..%2f', 'a'.repeat(10_000)].map(
    (algorithm): RequestRow => ({
      title: `?digest-algorithm=${algorithm.slice(0, 20)}`,
      method: 'POST',
      target: `/v2/other/blobs/uploads/?digest-algorithm=${algorithm}`,
      statuses: [400],
      code: 'DIGEST_INVALID',
    }),
  ),
  ...['.tag', '-tag', 'a%2fb', '..', '%00', 'a:b', '', 'a%20b', 'a'.repeat(129), '%0d%0aX-Injected:%201'].map(
    (tag): RequestRow => ({
      title: `?tag=${tag.slice(0, 20)}`,
      method: 'PUT',
      target: `/v2/${REPOSITORY}/manifests/${MANIFEST_DIGEST}?tag=${tag}`,
      headers: [`Content-Type: ${MANIFEST_TYPE}`],
      body: MANIFEST,
      statuses: [400],
      code: 'TAG_INVALID',
    }),
  ),
  {
    title: '101 tags at once',
    method: 'PUT',
    target: `/v2/${REPOSITORY}/manifests/${MANIFEST_DIGEST}?${Array.from({ length: 101 }, (_, n) => `tag=${n}`).join('&')}`,
    headers: [`Content-Type: ${MANIFEST_TYPE}`],
    body: MANIFEST,
    statuses: [414],
    code: 'TAG_INVALID',
  },
  {
    title: 'a digest that is given twice',
    method: 'POST',
    target: `/v2/other/blobs/uploads/?digest=${BLOB_DIGEST}&digest=${MANIFEST_DIGEST}`,
    body: MANIFEST,
    statuses: [400],
    code: 'DIGEST_INVALID',
  },
]

export const QUERIES: readonly RequestRow[] = [...sizes, ...markers, ...namespaces, ...OTHERS]
