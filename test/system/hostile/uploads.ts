/** Chunks that do not fit their upload, lengths that contradict each other, and uploads that are not there. */

import { digestOf } from '../../support/digest.ts'
import type { RequestRow } from './row.ts'
import { BLOB_DIGEST, REPOSITORY } from './stored.ts'

const UUID = '00000000-0000-4000-8000-000000000000'

const chunk = (contentRange: string, body = 'world'): RequestRow => ({
  title: `chunk of Content-Range ${JSON.stringify(contentRange.slice(0, 60))}`,
  method: 'PATCH',
  target: '{upload}',
  headers: [`Content-Range: ${contentRange}`],
  body,
  statuses: [],
})

const MALFORMED = [
  '5',
  '-',
  '5-',
  '-9',
  'a-b',
  '5-9-10',
  '-5-9',
  '+5-9',
  '5 - 9',
  '0x5-0x9',
  '5e0-9e0',
  '5.0-9.0',
  '5-9/',
  '5-9/ten',
  'bytes',
  'bytes */10',
  'items 5-9',
  'bytes bytes 5-9',
  '"5-9"',
  '5-9,10-14',
  '\u00b9-\u00b2',
  `5-${'9'.repeat(100)}`,
  `${'0'.repeat(10_000)}5-9`,
].map((range): RequestRow => ({ ...chunk(range), statuses: [400], code: 'RANGE_INVALID' }))

const OUT_OF_ORDER = ['0-4', '4-8', '6-10', '10-14', '999999999999990-999999999999994'].map(
  (range): RequestRow => ({ ...chunk(range), statuses: [416], code: 'RANGE_INVALID' }),
)

const BACKWARDS = ['9-5', '999999999999999-0'].map(
  (range): RequestRow => ({ ...chunk(range), statuses: [416], code: 'RANGE_INVALID' }),
)

const OF_ANOTHER_LENGTH = ['5-5', '5-8', '5-10', '5-999999999999999'].map(
  (range): RequestRow => ({ ...chunk(range), statuses: [400], code: 'SIZE_INVALID' }),
)

const IN_CHUNKS: readonly RequestRow[] = [
  {
    title: 'chunked chunk that is longer than its range',
    method: 'PATCH',
    target: '{upload}',
    headers: ['Content-Range: 5-9', 'Transfer-Encoding: chunked'],
    body: '6\r\nworld!\r\n0\r\n\r\n',
    statuses: [400],
    code: 'SIZE_INVALID',
  },
  {
    title: 'chunked chunk that is shorter than its range',
    method: 'PATCH',
    target: '{upload}',
    headers: ['Content-Range: 5-9', 'Transfer-Encoding: chunked'],
    body: '4\r\nworl\r\n0\r\n\r\n',
    statuses: [400],
    code: 'SIZE_INVALID',
  },
  {
    title: 'chunk without a body, with a range',
    method: 'PATCH',
    target: '{upload}',
    headers: ['Content-Range: 5-9'],
    statuses: [400],
    code: 'SIZE_INVALID',
  },
  { title: 'chunk without a body', method: 'PATCH', target: '{upload}', statuses: [202] },
  {
    title: 'two Content-Range headers',
    method: 'PATCH',
    target: '{upload}',
    headers: ['Content-Range: 5-9', 'Content-Range: 0-4'],
    body: 'world',
    statuses: [400],
    code: 'RANGE_INVALID',
  },
]

const OF_A_WRONG_TYPE = [
  'text/plain',
  'application/json',
  'multipart/form-data; boundary=x',
  ';',
  '/',
  '*/*',
].map(
  (type): RequestRow => ({
    title: `chunk of type ${type}`,
    method: 'PATCH',
    target: '{upload}',
    headers: [`Content-Type: ${type}`],
    body: 'world',
    statuses: [415],
    code: 'BLOB_UPLOAD_INVALID',
  }),
)

const DIGEST = digestOf('helloworld')

const finish = (title: string, query: string, rest: Partial<RequestRow> = {}): RequestRow => ({
  title: `finish ${title}`,
  method: 'PUT',
  target: `{upload}${query}`,
  body: 'world',
  statuses: [400],
  code: 'DIGEST_INVALID',
  ...rest,
})

const FINISHES: readonly RequestRow[] = [
  finish('without a digest', ''),
  finish('with an empty digest', '?digest='),
  finish('with a digest of another name', `?Digest=${DIGEST}`),
  finish('with a malformed digest', '?digest=sha256:..%2f..%2fsecret'),
  finish('with the digest of other content', `?digest=${BLOB_DIGEST}`),
  finish('with the sha512 of other content', `?digest=${digestOf('x', 'sha512')}`),
  finish('with two digests, the first one wrong', `?digest=${BLOB_DIGEST}&digest=${DIGEST}`),
  finish('without its last chunk', `?digest=${DIGEST}`, { body: '' }),
  finish('with a chunk out of order', `?digest=${DIGEST}`, {
    headers: ['Content-Range: 0-4'],
    statuses: [416],
    code: 'RANGE_INVALID',
  }),
  finish('with a chunk of a malformed range', `?digest=${DIGEST}`, {
    headers: ['Content-Range: bytes=five'],
    code: 'RANGE_INVALID',
  }),
  finish('with a chunk of another length', `?digest=${DIGEST}`, {
    headers: ['Content-Range: 5-10'],
    code: 'SIZE_INVALID',
  }),
  finish('in another repository', `?digest=${DIGEST}`, {
    target: `/v2/other/blobs/uploads/${UUID}?digest=${DIGEST}`,
    statuses: [404],
    code: 'BLOB_UPLOAD_UNKNOWN',
  }),
]

const IDS = [
  UUID,
  UUID.toUpperCase(),
  '0',
  '_',
  '-',
  '*',
  '%25',
  "'%20OR%201=1",
  '__proto__',
  'null',
  'a'.repeat(5_000),
]

const UNKNOWN = IDS.flatMap((id) =>
  ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE'].map(
    (method): RequestRow => ({
      title: `${method} of the unknown upload ${id.slice(0, 40)}`,
      method,
      target: `/v2/${REPOSITORY}/blobs/uploads/${id}?digest=${DIGEST}`,
      statuses: [404],
      ...(method !== 'HEAD' && { code: 'BLOB_UPLOAD_UNKNOWN' as const }),
    }),
  ),
)

export const UPLOADS: readonly RequestRow[] = [
  ...MALFORMED,
  ...OUT_OF_ORDER,
  ...BACKWARDS,
  ...OF_ANOTHER_LENGTH,
  ...IN_CHUNKS,
  ...OF_A_WRONG_TYPE,
  ...FINISHES,
  ...UNKNOWN,
]
