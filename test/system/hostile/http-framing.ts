/** Bytes that are no good HTTP: heads of all kinds, floods, requests in a row, and clients that dawdle. */
import { get, HOST, message, PUT_MANIFEST, post, refused, SMUGGLED, UPLOADS } from './message.ts'
import type { BytesRow } from './row.ts'

const HEADS: readonly BytesRow[] = [
  { title: 'HTTP/0.9', bytes: ['GET /v2/\r\n\r\n'], statuses: [200, 400] },
  { title: 'HTTP/0.9 of one line', bytes: ['GET /v2/\r\n'], statuses: [200, 400], mayBeSilent: true },
  refused('HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  refused('SSH greeting', 'SSH-2.0-OpenSSH_9.7\r\n'),
  refused('null bytes', '\0'.repeat(1_000)),
  refused('bytes above ASCII', '\xff'.repeat(1_000)),
  ...['HTTP/1.2', 'HTTP/9.9', 'HTTP/1', 'HTTP/1.1.1', 'HTTP/11', 'http/1.1', 'HTP/1.1', 'ICE/1.0'].map(
    (version) => refused(`version ${version}`, `GET /v2/ ${version}\r\n${HOST}\r\n\r\n`),
  ),
  ...['BREW', 'get', 'Get', 'G\0T', 'GET,', 'G E T', '', `${'A'.repeat(10_000)}`].map((method) =>
    refused(`method ${JSON.stringify(method.slice(0, 20))}`, `${method} /v2/ HTTP/1.1\r\n${HOST}\r\n\r\n`),
  ),
  ...['HTTP/2.0', 'RTSP/1.0'].map(
    (version): BytesRow => ({
      title: `version ${version}`,
      bytes: [`GET /v2/ ${version}\r\n${HOST}\r\nConnection: close\r\n\r\n`],
      statuses: [200, 400],
    }),
  ),
  refused('a target above ASCII', `GET /v2/\u00e9/tags/list HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('a target with a space', `GET /v2/a b/tags/list HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('a target with a null byte', `GET /v2/a\0/tags/list HTTP/1.1\r\n${HOST}\r\n\r\n`),
  {
    title: 'a target with a line feed',
    bytes: [`GET /v2/\nX-A: b\r\nConnection: close\r\n\r\n`],
    statuses: [200, 400],
  },
  refused('a target without a slash', `GET v2/ HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('no host', 'GET /v2/ HTTP/1.1\r\nConnection: close\r\n\r\n'),
  refused('a header without a colon', get('Nonsense')),
  refused('a header without a name', get(': x')),
  refused('a name with a space', get('A B: x')),
  refused('a name above ASCII', get('\u00e9: x')),
  refused('a name with a null byte', get('A\0: x')),
  refused('a value with a null byte', get('A: \0')),
  refused('a value with a bell', get('A: \x07')),
  refused('a carriage return alone', get('A: x\rB: y')),
  refused('a folded line', get('A: x\r\n y')),
  refused('a first line that is folded', `GET /v2/ HTTP/1.1\r\n ${HOST}\r\n\r\n`),
  { title: 'an expectation nobody can meet', bytes: [get('Expect: miracles')], statuses: [417] },
  {
    title: 'a tunnel',
    bytes: [`CONNECT 127.0.0.1:22 HTTP/1.1\r\n${HOST}\r\n\r\n`],
    statuses: [400, 404, 405],
    mayBeSilent: true,
  },
]

const LARGE: readonly BytesRow[] = [
  { title: 'a header of 20,000 bytes', bytes: [get(`A: ${'a'.repeat(20_000)}`)], statuses: [431] },
  { title: 'a name of 20,000 bytes', bytes: [get(`${'a'.repeat(20_000)}: a`)], statuses: [431] },
  {
    title: 'a header of 10 MiB',
    bytes: [get(`A: ${'a'.repeat(10 * 1024 * 1024)}`)],
    statuses: [431],
    mayBeSilent: true,
  },
  {
    title: '100,000 headers',
    bytes: [get(...Array.from({ length: 100_000 }, (_, n) => `A${n}: a`))],
    statuses: [431],
  },
  {
    title: 'a target of 20,000 bytes',
    bytes: [`GET /v2/${'a'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n\r\n`],
    statuses: [414, 431],
  },
  {
    title: 'a target of 10 MiB',
    bytes: [`GET /v2/${'a/'.repeat(5 * 1024 * 1024)} HTTP/1.1\r\n${HOST}\r\n\r\n`],
    statuses: [414, 431],
    mayBeSilent: true,
  },
  {
    title: 'trailers of 100,000 bytes',
    bytes: [post(['Transfer-Encoding: chunked'], `0\r\n${'A: a\r\n'.repeat(20_000)}\r\n`)],
    statuses: [202, 400, 431],
  },
  {
    title: 'a chunk extension of 100,000 bytes',
    bytes: [
      message(
        [PUT_MANIFEST, HOST, 'Connection: close', 'Transfer-Encoding: chunked'],
        `1;${'a'.repeat(100_000)}\r\nx\r\n0\r\n\r\n`,
      ),
    ],
    statuses: [400, 413],
  },
]

const KEEP_ALIVE = `GET /v2/ HTTP/1.1\r\n${HOST}\r\n\r\n`

const MANY: readonly BytesRow[] = [
  { title: '200 requests at once', bytes: [KEEP_ALIVE.repeat(199) + get()], statuses: [200], answers: 200 },
  {
    title: 'nonsense behind a good request',
    bytes: [`${KEEP_ALIVE}nonsense\r\n\r\n`],
    statuses: [400],
  },
  {
    title: 'a request behind the body of another',
    bytes: [message([PUT_MANIFEST, HOST, 'Content-Length: 5'], 'hello') + get()],
    statuses: [400, 200],
    answers: 2,
  },
  {
    title: 'a request within the body of another',
    bytes: [post([`Content-Length: ${SMUGGLED.length}`], SMUGGLED)],
    statuses: [202],
  },
  { title: 'a request behind one that closes', bytes: [get() + SMUGGLED], statuses: [200, 400] },
  { title: 'empty lines in front', bytes: [`\r\n\r\n\r\n${get()}`], statuses: [200] },
  { title: 'HTTP/1.0', bytes: [`GET /v2/ HTTP/1.0\r\n\r\n`], statuses: [200] },
  {
    title: 'HTTP/1.0 with chunks',
    bytes: [`POST ${UPLOADS} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    statuses: [202, 400],
  },
  {
    title: 'a target that names this host in another way',
    bytes: [`GET http://127.0.0.1:5000/v2/ HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`],
    statuses: [200],
  },
  {
    title: 'a target that names another host',
    bytes: [`GET http://elsewhere.test/v2/ HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`],
    statuses: [421],
  },
  {
    title: 'a target that names this host beside another one in Host',
    bytes: [`GET http://localhost/v2/ HTTP/1.1\r\nHost: elsewhere.test\r\nConnection: close\r\n\r\n`],
    statuses: [421],
  },
  {
    title: 'a target that names a user',
    bytes: [`GET http://localhost@elsewhere.test/v2/ HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`],
    statuses: [400],
  },
  {
    title: 'a target of another scheme',
    bytes: [`GET ftp://elsewhere.test/v2/ HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`],
    statuses: [400, 404],
  },
  refused('two hosts', get('Host: elsewhere.test')),
  refused('the same host twice', get(HOST)),
  refused('two hosts in two cases', get('HOST: elsewhere.test')),
  {
    title: 'an empty host',
    bytes: ['GET /v2/ HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    statuses: [200],
  },
  {
    title: 'HTTP/1.0 with another host',
    bytes: ['GET /v2/ HTTP/1.0\r\nHost: elsewhere.test\r\n\r\n'],
    statuses: [421],
  },
]

const silent = (title: string, ...bytes: string[]): BytesRow => ({
  title,
  bytes,
  statuses: [400, 408],
  mayBeSilent: true,
})

const DAWDLERS: readonly BytesRow[] = [
  silent('nothing at all', ''),
  silent('half a method', 'GE'),
  silent('a head that does not end', `GET /v2/ HTTP/1.1\r\n${HOST}\r\n`),
  silent('a head in drops that does not end', 'GET /v2/', ' HTTP/1.1\r\n', 'Ho', 'st: a\r\nX-', 'A: '),
  { ...silent('a body that does not come', post(['Content-Length: 5'])), statuses: [202] },
  silent('half a body', message([PUT_MANIFEST, HOST, 'Content-Length: 5'], '{}')),
  silent('half a chunk', message([PUT_MANIFEST, HOST, 'Transfer-Encoding: chunked'], '5\r\n{}')),
  silent(
    'half a blob',
    message(
      [`POST ${UPLOADS}?digest=sha256:${'0'.repeat(64)} HTTP/1.1`, HOST, 'Content-Length: 1000000'],
      'x'.repeat(1_000),
    ),
  ),
  silent(
    'chunks without an end',
    message([PUT_MANIFEST, HOST, 'Transfer-Encoding: chunked'], '1\r\nx\r\n'.repeat(1_000)),
  ),
  silent(
    'a promise to continue that is not kept',
    message([PUT_MANIFEST, HOST, 'Expect: 100-continue', 'Content-Length: 5']),
  ),
  { title: 'a head in drops', bytes: [...get().match(/.{1,20}/gs)!], statuses: [200] },
]

export const HTTP_FRAMING: readonly BytesRow[] = [...HEADS, ...LARGE, ...MANY, ...DAWDLERS]
