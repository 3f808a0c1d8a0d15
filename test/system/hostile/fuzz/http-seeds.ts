/** Good requests for each doorway that speaks HTTP, for others to be made of. */
import { createHash } from 'node:crypto'

const EMPTY = '{}'
const DIGEST = `sha256:${createHash('sha256').update(EMPTY).digest('hex')}`
const HOST = 'Host: localhost'

const request = (line: string, headers: readonly string[] = [], body = ''): Uint8Array => {
  const framing = body === '' ? [] : [`Content-Length: ${body.length}`]
  return Buffer.from([`${line} HTTP/1.1`, HOST, ...headers, ...framing, '', body].join('\r\n'), 'latin1')
}

const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: DIGEST, size: 2 },
  layers: [],
  annotations: { a: 'b' },
})

export const REGISTRY: readonly Uint8Array[] = [
  request('GET /v2/'),
  request(`HEAD /v2/fuzz/blobs/${DIGEST}`),
  request(`GET /v2/fuzz/blobs/${DIGEST}`, ['Range: bytes=0-1,-1', 'If-Range: "x"', 'Accept-Encoding: gzip']),
  request(`POST /v2/fuzz/blobs/uploads/?digest=${DIGEST}`, ['Content-Type: application/octet-stream'], EMPTY),
  request(`POST /v2/fuzz/blobs/uploads/?mount=${DIGEST}&from=other/name`),
  request('PATCH /v2/fuzz/blobs/uploads/no-such-upload', ['Content-Range: 0-1'], EMPTY),
  request(
    'PUT /v2/fuzz/manifests/latest?tag=a&tag=b',
    ['Content-Type: application/vnd.oci.image.manifest.v1+json'],
    MANIFEST,
  ),
  request('GET /v2/fuzz/manifests/latest', ['Accept: application/vnd.oci.image.index.v1+json, */*;q=0.1']),
  request('GET /v2/fuzz/tags/list?n=2&last=a'),
  request(`GET /v2/fuzz/referrers/${DIGEST}?artifactType=a%2Fb`),
  request('GET /v2/_catalog?n=1'),
  request(`DELETE /v2/fuzz/manifests/${DIGEST}`),
  request('OPTIONS /v2/fuzz/tags/list', ['Origin: http://a.test', 'Access-Control-Request-Method: PUT']),
  request('PUT /v2/fuzz/manifests/chunked', ['Transfer-Encoding: chunked']).slice(0, -2),
  Buffer.from(
    `PUT /v2/fuzz/manifests/c HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n`,
  ),
  request('GET http://localhost/v2/?ns=docker.io', ['Connection: keep-alive, Upgrade', 'Upgrade: websocket']),
  request('GET /flotilla/peer'),
  request('GET /flotilla/storage', ['Authorization: Bearer AAAA']),
  request('GET /'),
  request(
    'POST /flotilla/ask',
    ['Content-Type: application/json'],
    JSON.stringify({ ask: 'have', digests: [DIGEST] }),
  ),
  request(
    'POST /flotilla/ask',
    ['Content-Type: application/json'],
    JSON.stringify({ ask: 'range', digest: DIGEST, start: 0, end: 1 }),
  ),
]

/** Of the server that peers take large blobs from. */
export const BULK: readonly Uint8Array[] = [
  request(`GET /blobs/${DIGEST}`, ['Authorization: Bearer AAAAAAAAAAAAAAAAAAAAAA', 'Range: bytes=0-1048575']),
  request(`GET /${DIGEST}`, ['Range: bytes=0-0']),
  request(`POST /blobs/${DIGEST}`, [], EMPTY),
]

/** What opens a WebSocket, and frames: text, continued, masked, ping, close, and one of nine bytes of length. */
export const WEB_SOCKET: readonly Uint8Array[] = [
  request('GET /', [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]),
  Uint8Array.of(0x82, 0x85, 1, 2, 3, 4, 1, 2, 3, 4, 5),
  Uint8Array.of(0x89, 0x80, 1, 2, 3, 4),
  Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 3, 0xe8),
  Uint8Array.of(0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4),
  Uint8Array.of(0x01, 0x80, 1, 2, 3, 4, 0x80, 0x80, 1, 2, 3, 4),
]

/** How two peers agree on noise, and its first message. */
export const LIBP2P: readonly Uint8Array[] = [
  Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n', 'latin1'),
  Buffer.from('\x13/multistream/1.0.0\n\x03ls\n', 'latin1'),
  Buffer.concat([Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n\x00\x20', 'latin1'), Buffer.alloc(32, 7)]),
]

/** A ClientHello that names no cipher anybody has. */
export const TLS: readonly Uint8Array[] = [
  Buffer.concat([
    Buffer.from([0x16, 3, 1, 0, 47, 1, 0, 0, 43, 3, 3]),
    Buffer.alloc(32, 7),
    Buffer.from([0, 0, 2, 0x13, 0x01, 1, 0, 0, 0]),
  ]),
]
