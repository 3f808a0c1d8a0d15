/** Bodies whose length is in doubt, by which a request can be smuggled past a proxy: lengths, codings and chunks. */
import { HOST, message, PUT_MANIFEST, post, refused, SMUGGLED } from './message.ts'
import type { BytesRow } from './row.ts'

const LENGTHS: readonly BytesRow[] = [
  refused(
    'length and chunks',
    post(['Content-Length: 4', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`),
  ),
  refused(
    'chunks and length',
    post(['Transfer-Encoding: chunked', 'Content-Length: 4'], `0\r\n\r\n${SMUGGLED}`),
  ),
  refused('two lengths', post(['Content-Length: 0', `Content-Length: ${SMUGGLED.length}`], SMUGGLED)),
  refused('two lengths that agree', post(['Content-Length: 1', 'Content-Length: 1'], 'x')),
  refused('a list of lengths', post(['Content-Length: 0, 40'], SMUGGLED)),
  ...[
    '-1',
    '+1',
    '1 1',
    '0x1',
    '1e1',
    '1.0',
    'one',
    '1;',
    '"1"',
    '',
    '99999999999999999999',
    '9'.repeat(1_000),
  ].map((length) =>
    refused(`length ${JSON.stringify(length.slice(0, 30))}`, post([`Content-Length: ${length}`], 'x')),
  ),
  refused('a space before the colon of the length', post(['Content-Length : 5'], 'hello')),
  refused('a tab before the colon of the length', post(['Content-Length\t: 5'], 'hello')),
]

const CODINGS = [
  'identity',
  'gzip',
  'chunked, identity',
  'chunked, gzip',
  'xchunked',
  'chunked;q=1',
  '"chunked"',
  'chunked\x0b',
  '',
].map((coding) =>
  refused(
    `transfer coding ${JSON.stringify(coding)}`,
    post([`Transfer-Encoding: ${coding}`], `0\r\n\r\n${SMUGGLED}`),
  ),
)

const CHUNKS = [
  ['size that is no number', 'x\r\nhello\r\n0\r\n\r\n'],
  ['size with a sign', '+5\r\nhello\r\n0\r\n\r\n'],
  ['negative size', '-5\r\nhello\r\n0\r\n\r\n'],
  ['size with a prefix', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['size of 2^64', '10000000000000000\r\nhello\r\n0\r\n\r\n'],
  ['endless size', `${'f'.repeat(1_000)}\r\nhello\r\n0\r\n\r\n`],
  ['no size', '\r\nhello\r\n0\r\n\r\n'],
  ['more bytes than the size says', '1\r\nhello\r\n0\r\n\r\n'],
  ['no line end behind a chunk', '5\r\nhello0\r\n\r\n'],
  ['bare line feeds', '5\nhello\n0\n\n'],
  ['a line feed in an extension', '5;a\nhello\r\n0\r\n\r\n'],
] as const

const chunks = CHUNKS.map(([title, body]) =>
  refused(
    `chunks: ${title}`,
    message([PUT_MANIFEST, HOST, 'Connection: close', 'Transfer-Encoding: chunked'], body),
  ),
)

export const HTTP_BODIES: readonly BytesRow[] = [...LENGTHS, ...CODINGS, ...chunks]
