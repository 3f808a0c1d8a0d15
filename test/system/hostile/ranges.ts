/** Range headers of pulls: those that can be met are, those that cannot are refused or ignored, as RFC 9110 says. */

import type { RequestRow } from './row.ts'
import { BLOB_DIGEST, MANIFEST_DIGEST, REPOSITORY } from './stored.ts'

const BLOB = `/v2/${REPOSITORY}/blobs/${BLOB_DIGEST}`

const IGNORED = [
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=--1',
  'bytes=a-b',
  'bytes=0-b',
  'bytes=0x0-0x9',
  'bytes=1e2-2e2',
  'bytes=-1-5',
  'bytes=0-5-9',
  'bytes=0 - 5',
  'bytes=+0-5',
  'bytes=0.5-1.5',
  'bytes=0-4,x',
  'bytes:0-5',
  'bytes 0-5',
  'items=0-5',
  '=0-5',
  'bytes==0-5',
  'bytes=NaN-Infinity',
  'bytes=\u00b9-\u00b2',
  'bytes=0-4;q=1',
  'bytes="0-4"',
  `bytes=${'9'.repeat(1_000)}-`,
  `bytes=-${'9'.repeat(1_000)}`,
  `bytes=0-${'9'.repeat(10_000)}`,
  `bytes=${'0-0,'.repeat(2_000)}0-0`,
  `bytes=${'0-,'.repeat(1_000)}0-`,
  `bytes=${','.repeat(10_000)}`,
  'bytes=0-999,0-999',
  'bytes=0-,1-,2-,3-,4-,5-',
]

const NOT_SATISFIABLE = [
  'bytes=1000-',
  'bytes=1000-1000',
  'bytes=5000-10000',
  'bytes=99999999999999999999-',
  'bytes=9007199254740993-9007199254740995',
  'bytes=18446744073709551615-18446744073709551615',
  'bytes=-0',
  'bytes=9-0',
  'bytes=1000-,2000-',
]

const MET = [
  'bytes=0-0',
  'bytes=999-99999999999999999999',
  'bytes=-99999999999999999999',
  'BYTES=0-0',
  'bytes=0-0,',
  'bytes=,,,0-0,,,',
  'bytes= 0-0',
  'bytes=0-0,5000-',
  'bytes=0-0,9-8',
  'bytes=0-0,2-2,4-4',
  `bytes=${Array.from({ length: 400 }, (_, index) => `${index * 2}-${index * 2}`).join(',')}`,
  'bytes=5-9,0-4,3-6',
]

const asked = (ranges: readonly string[], status: number): RequestRow[] =>
  ranges.map((range) => ({
    title: `Range: ${range.slice(0, 60)}`,
    target: BLOB,
    headers: [`Range: ${range}`],
    statuses: [status],
    ...(status === 416 && { code: 'RANGE_INVALID' as const }),
  }))

const OTHERS: readonly RequestRow[] = [
  {
    title: 'two Range headers',
    target: BLOB,
    headers: ['Range: bytes=0-0', 'Range: bytes=5-5'],
    statuses: [200, 206],
  },
  { title: 'an empty Range', target: BLOB, headers: ['Range:'], statuses: [200] },
  {
    title: 'a Range that cannot be met, with HEAD',
    method: 'HEAD',
    target: BLOB,
    headers: ['Range: bytes=5000-'],
    statuses: [200],
  },
  {
    title: 'a Range of a manifest',
    target: `/v2/${REPOSITORY}/manifests/${MANIFEST_DIGEST}`,
    headers: ['Range: bytes=5000-'],
    statuses: [200],
  },
  {
    title: 'If-Range of another validator',
    target: BLOB,
    headers: ['Range: bytes=0-0', 'If-Range: "other"'],
    statuses: [200],
  },
  {
    title: 'If-Range of a weak validator',
    target: BLOB,
    headers: ['Range: bytes=0-0', `If-Range: W/"${BLOB_DIGEST}"`],
    statuses: [200],
  },
  {
    title: 'If-Range of a date',
    target: BLOB,
    headers: ['Range: bytes=0-0', 'If-Range: Wed, 21 Oct 2015 07:28:00 GMT'],
    statuses: [200],
  },
]

export const RANGES: readonly RequestRow[] = [
  ...asked(IGNORED, 200),
  ...asked(NOT_SATISFIABLE, 416),
  ...asked(MET, 206),
  ...OTHERS,
]
