/** Headers that lie, contradict, flood, or want to be written into a response. */

import type { RequestRow } from './row.ts'
import { BLOB_DIGEST, MANIFEST, MANIFEST_DIGEST, MANIFEST_TYPE, REPOSITORY, TAG } from './stored.ts'

const IMAGE = `/v2/${REPOSITORY}/manifests/${TAG}`
const UPLOADS = `/v2/${REPOSITORY}/blobs/uploads/`

/** What is answered as if the header were not there. */
const IGNORED = [
  'Accept: ',
  'Accept: ,,,;;;===',
  'Accept: */*;q=0',
  'Accept: text/html',
  `Accept: ${'a/b,'.repeat(3_500)}`,
  `Accept: ${MANIFEST_TYPE}${';a=b'.repeat(3_500)}`,
  `Accept: ${'*'.repeat(15_000)}`,
  'If-None-Match: ',
  'If-None-Match: "other"',
  `If-None-Match: ${'"x",'.repeat(3_500)}`,
  `If-None-Match: ${'W/'.repeat(7_000)}`,
  'If-Match: "other"',
  'If-Modified-Since: never',
  'Authorization: Basic !!!',
  'Authorization: Bearer ../../secret',
  'Proxy-Authorization: Basic AAAA',
  'Cookie: a=b; __proto__=c',
  'X-HTTP-Method-Override: DELETE',
  'X-Method-Override: DELETE',
  'X-Original-URL: /v2/secret',
  'X-Rewrite-URL: /v2/secret',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
  'TE: trailers, chunked',
  'Trailer: Content-Length',
  'Accept-Encoding: gzip;q=9, br',
  'Access-Control-Request-Method: DELETE',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Site: none',
  'Sec-Fetch-Dest: empty',
  'Referer: http://elsewhere.test/',
  '__proto__: polluted',
  'constructor: polluted',
  'toString: polluted',
  'Content-Type: text/plain',
  'Content-Range: 0-4',
  'User-Agent: () { :;}; echo',
  'User-Agent: \u0024{jndi:ldap://elsewhere.test}',
  'Referer: "\\x00 \u00ff',
  'X-Forwarded-For: ../../secret',
  `X-Large: ${'a'.repeat(15_000)}`,
]

const ignored = IGNORED.map(
  (line): RequestRow => ({ title: line.slice(0, 60), target: IMAGE, headers: [line], statuses: [200] }),
)

const FLOODS: readonly RequestRow[] = [
  {
    title: '500 headers',
    target: IMAGE,
    headers: Array.from({ length: 500 }, (_, n) => `X-${n}: ${n}`),
    statuses: [200],
  },
  {
    title: '500 times the same header',
    target: IMAGE,
    headers: Array.from({ length: 500 }, () => 'X-A: a'),
    statuses: [200],
  },
  {
    title: '500 Accept headers',
    target: IMAGE,
    headers: Array.from({ length: 500 }, () => `Accept: a/b`),
    statuses: [200],
  },
]

/** What clients say about where they are is written into `Location`, if it is a host and nothing else. */
const HOSTS = [
  'Host: ',
  'Host: [::1]:5000',
  'Host: LOCALHOST.',
  'Host: flotilla.localhost:5000',
  'Host: 203.0.113.9:5000',
  'X-Forwarded-Host: elsewhere.test/path',
  'X-Forwarded-Host: ',
  'X-Forwarded-Host: ,,,',
  'X-Forwarded-Host: a b',
  'X-Forwarded-Host: "><script>',
  'X-Forwarded-Proto: javascript',
  'X-Forwarded-Proto: https://elsewhere.test/?',
  'X-Forwarded-Port: -1',
  'Forwarded: ',
  'Forwarded: host',
  'Forwarded: host=',
  'Forwarded: host="',
  'Forwarded: host="a\\',
  'Forwarded: host="elsewhere.test/path";proto=ftp',
  'Forwarded: host="a\\"b"',
  `Forwarded: ${'host="'.repeat(2_000)}`,
  `Forwarded: ${';'.repeat(15_000)}`,
  `Forwarded: ${'"\\'.repeat(7_000)}`,
  `Forwarded: ${'host=a,'.repeat(2_000)}`,
].map(
  (line): RequestRow => ({
    title: line.slice(0, 60),
    method: 'POST',
    target: UPLOADS,
    headers: [line],
    statuses: [202],
  }),
)

/** A page may have bound its own name to the registry's address, and then sends that. */
const STRANGE_HOSTS: readonly (readonly [line: string, status: 400 | 421])[] = [
  ['Host: elsewhere.test', 421],
  ['Host: a', 421],
  ['Host: localhost.elsewhere.test:5000', 421],
  ['Host: 127.0.0.1.elsewhere.test', 421],
  ['Host: xlocalhost', 421],
  ['Host: \u00e9', 421],
  ['Host: \u00e9.localhost:99999', 400],
  ['Host: localhost:99999999', 400],
  ['Host: "><script>', 400],
  ['Host: a b', 400],
  ['Host: a/../b', 400],
  ['Host: user:password@localhost', 400],
  ['Host: localhost\\@elsewhere.test', 400],
  ['Host: localhost,elsewhere.test', 421],
  ['Host: [localhost]', 400],
  ['Host: ::1', 400],
  [`Host: ${'a'.repeat(15_000)}`, 421],
]

const strangeHosts = STRANGE_HOSTS.flatMap(([line, status]) =>
  [IMAGE, '/', '/nowhere', '/flotilla/storage'].map(
    (target): RequestRow => ({
      title: `${line.slice(0, 60)}, for ${target}`,
      target,
      headers: [line],
      statuses: [status],
      code: status === 421 ? 'DENIED' : 'UNSUPPORTED',
    }),
  ),
)

/** What browsers say of a request that the page itself cannot change. */
const FOREIGN = [
  ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: image'],
  ['Sec-Fetch-Site: same-site', 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: empty'],
  [
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: document',
    'Sec-Fetch-User: ?1',
  ],
  ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Dest: script'],
  ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Dest: serviceworker', 'Service-Worker: script'],
  ['Sec-Fetch-Site: same-origin, cross-site'],
  ['Sec-Fetch-Site: '],
  ['User-Agent: Mozilla/5.0', 'Accept-Language: en'],
].flatMap((headers): RequestRow[] =>
  [IMAGE, `/v2/${REPOSITORY}/manifests/unknown`, '/v2/planted/manifests/latest', '/v2/_catalog'].map(
    (target) => ({
      title: `a page that reads ${target}: ${headers[0]}`,
      target,
      headers,
      statuses: [403],
      code: 'DENIED',
    }),
  ),
)

const FORGED = [
  'https://elsewhere.test',
  'null',
  'http://localhost:5000',
  'http://localhost.elsewhere.test:5000',
  'localhost:5000',
  '://',
  '*',
  'file://',
  `https://${'a'.repeat(10_000)}`,
].flatMap((origin): RequestRow[] => [
  {
    title: `POST from a page of ${origin.slice(0, 40)}`,
    method: 'POST',
    target: UPLOADS,
    headers: [`Origin: ${origin}`],
    statuses: [403],
    code: 'DENIED',
  },
  {
    title: `GET from a page of ${origin.slice(0, 40)}`,
    target: IMAGE,
    headers: [`Origin: ${origin}`],
    statuses: [403],
    code: 'DENIED',
  },
  {
    title: `OPTIONS from a page of ${origin.slice(0, 40)}`,
    method: 'OPTIONS',
    target: UPLOADS,
    headers: [
      `Origin: ${origin}`,
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: \u00ff, {}, *',
    ],
    statuses: [403],
    code: 'DENIED',
  },
])

const OTHERS: readonly RequestRow[] = [
  {
    title: 'Accept that names another manifest type only',
    target: IMAGE,
    headers: ['Accept: application/vnd.oci.image.index.v1+json'],
    statuses: [404],
    code: 'MANIFEST_UNKNOWN',
  },
  {
    title: 'If-None-Match of everything',
    target: IMAGE,
    headers: ['If-None-Match: *'],
    statuses: [304],
  },
  {
    title: 'If-None-Match on a blob that is not here',
    target: `/v2/${REPOSITORY}/blobs/sha256:${'0'.repeat(64)}`,
    headers: ['If-None-Match: *'],
    statuses: [404],
    code: 'BLOB_UNKNOWN',
  },
  {
    title: 'a body where none belongs',
    target: `/v2/${REPOSITORY}/blobs/${BLOB_DIGEST}`,
    body: 'x'.repeat(100_000),
    statuses: [200],
  },
  {
    title: 'a chunked body where none belongs',
    target: IMAGE,
    headers: ['Transfer-Encoding: chunked'],
    body: '5\r\nhello\r\n0\r\n\r\n',
    statuses: [200],
  },
  {
    title: 'a large body that nobody asked for',
    method: 'DELETE',
    target: `/v2/${REPOSITORY}/manifests/sha256:${'0'.repeat(64)}`,
    body: () => Buffer.alloc(16 * 1024 * 1024),
    statuses: [404],
    code: 'MANIFEST_UNKNOWN',
  },
  {
    title: 'a large body for a path that does not exist',
    method: 'PUT',
    target: '/nowhere',
    body: () => Buffer.alloc(16 * 1024 * 1024),
    statuses: [404],
    code: 'UNSUPPORTED',
  },
  {
    title: 'a manifest with a type that is repeated',
    method: 'PUT',
    target: `/v2/${REPOSITORY}/manifests/${MANIFEST_DIGEST}`,
    headers: [`Content-Type: text/html`, `Content-Type: ${MANIFEST_TYPE}`],
    body: MANIFEST,
    statuses: [400],
    code: 'MANIFEST_INVALID',
  },
]

export const HEADERS: readonly RequestRow[] = [
  ...ignored,
  ...FLOODS,
  ...HOSTS,
  ...strangeHosts,
  ...FOREIGN,
  ...FORGED,
  ...OTHERS,
]
