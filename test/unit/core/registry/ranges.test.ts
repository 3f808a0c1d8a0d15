import { describe, expect, it } from 'vitest'
import { type Call, describeCalls } from '../../../support/calls.ts'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob } from '../../../support/push.ts'

const CONTENT = '0123456789'
const DIGEST = digestOf(CONTENT)
const given: Call['given'] = (registry) => pushBlob(registry, 'a', CONTENT)

const call = (range: string, rest: Pick<Call, 'status'> & Partial<Call>): Call => ({
  given,
  call: `GET /v2/a/blobs/${DIGEST}`,
  headers: { Range: range },
  ...rest,
})

const part = (range: string, text: string, place: string): Call =>
  call(range, {
    status: 206,
    text,
    answers: {
      'Content-Range': `bytes ${place}/10`,
      'Content-Length': String(text.length),
      'Docker-Content-Digest': DIGEST,
      ETag: `"${DIGEST}"`,
    },
  })

describeCalls('a range', {
  'from the start': part('bytes=0-3', '0123', '0-3'),
  'of one byte': part('bytes=4-4', '4', '4-4'),
  'in the middle': part('bytes=2-5', '2345', '2-5'),
  'open at the end': part('bytes=7-', '789', '7-9'),
  'of everything': part('bytes=0-', CONTENT, '0-9'),
  'of a suffix': part('bytes=-3', '789', '7-9'),
  'of a suffix that is longer than the blob': part('bytes=-300', CONTENT, '0-9'),
  'beyond the end is clipped': part('bytes=8-5000', '89', '8-9'),
  'with a huge end': part('bytes=8-99999999999999999999', '89', '8-9'),
  'in upper case and with spaces': part('Bytes= 2-3 ', '23', '2-3'),
  'the only satisfiable one of two': part('bytes=50-60, 1-2', '12', '1-2'),
  'with empty elements': part('bytes=,1-2,', '12', '1-2'),
})

const whole = (range: string): Call =>
  call(range, { status: 200, text: CONTENT, answers: { 'Content-Range': null, 'Content-Length': '10' } })

describeCalls('a header that is no range is ignored', {
  'another unit': whole('lines=0-3'),
  'no digits': whole('bytes=-'),
  letters: whole('bytes=a-b'),
  nothing: whole('bytes='),
  'one malformed of two': whole('bytes=0-1,x'),
  'together more than there is': whole('bytes=0-9,0-9'),
})

const beyond = (range: string): Call =>
  call(range, { status: 416, error: 'RANGE_INVALID', answers: { 'Content-Range': 'bytes */10' } })

describeCalls('a range that overlaps nothing', {
  'beyond the end': beyond('bytes=10-20'),
  backwards: beyond('bytes=5-0'),
  'open, beyond the end': beyond('bytes=5000-'),
  'an empty suffix': beyond('bytes=-0'),
  several: beyond('bytes=10-11,20-'),
  'of an empty blob': {
    given: (registry) => pushBlob(registry, 'a', ''),
    call: `GET /v2/a/blobs/${digestOf('')}`,
    headers: { Range: 'bytes=0-0' },
    status: 416,
    answers: { 'Content-Range': 'bytes */0' },
  },
})

describeCalls('a range with a condition', {
  'that holds': {
    ...part('bytes=0-3', '0123', '0-3'),
    headers: { Range: 'bytes=0-3', 'If-Range': `"${DIGEST}"` },
  },
  'that does not hold': { ...whole(''), headers: { Range: 'bytes=0-3', 'If-Range': '"other"' } },
  'that is a date': {
    ...whole(''),
    headers: { Range: 'bytes=0-3', 'If-Range': 'Wed, 21 Oct 2015 07:28:00 GMT' },
  },
  'that the client has it': {
    given,
    call: `GET /v2/a/blobs/${DIGEST}`,
    headers: { Range: 'bytes=0-3', 'If-None-Match': `"${DIGEST}"` },
    status: 304,
  },
})

describeCalls('a range of HEAD', {
  'is ignored': {
    given,
    call: `HEAD /v2/a/blobs/${DIGEST}`,
    headers: { Range: 'bytes=0-3' },
    status: 200,
    answers: { 'Content-Length': '10' },
  },
})

describe('several ranges', () => {
  it.each([
    ['bytes=0-1,4-5', ['0-1 01', '4-5 45']],
    ['bytes=7-8,0-0', ['7-8 78', '0-0 0']],
    ['bytes=-2,0-2,40-50', ['8-9 89', '0-2 012']],
    ['bytes=0-0,1-1,2-2,3-3', ['0-0 0', '1-1 1', '2-2 2', '3-3 3']],
  ])('%s come as a multipart body', async (range, expected) => {
    await using registry = await openInMemoryRegistry()
    await given?.(registry)
    const response = await registry.fetch('GET', `/v2/a/blobs/${DIGEST}`, { headers: { Range: range } })
    const text = await response.text()
    expect(response.status).toBe(206)
    expect(response.headers.get('content-length')).toBe(String(text.length))
    expect(response.headers.get('content-range')).toBeNull()
    expect(partsOf(text, response.headers.get('content-type')!)).toEqual(expected)
  })

  it('may be a thousand', async () => {
    await using registry = await openInMemoryRegistry()
    const content = Buffer.alloc(4000, 'abcd')
    const { digest } = await pushBlob(registry, 'a', content)
    const ranges = Array.from({ length: 1000 }, (_, number) => `${number * 4}-${number * 4 + 1}`)
    const headers = { Range: `bytes=${ranges.join(',')}` }
    const response = await registry.fetch('GET', `/v2/a/blobs/${digest}`, { headers })
    const parts = partsOf(await response.text(), response.headers.get('content-type')!)
    expect(parts).toEqual(ranges.map((range) => `${range} ab`))
  })
})

/** Reads a `multipart/byteranges` body as RFC 9110 section 14.6 describes it: `place text` of each part. */
function partsOf(body: string, type: string): string[] {
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(type)![1]!
  const [preamble, ...parts] = body.split(`\r\n--${boundary}`)
  expect(preamble).toBe('')
  expect(parts.pop()).toBe('--\r\n')
  return parts.map((part) => {
    const [head, text] = part.split('\r\n\r\n') as [string, string]
    expect(head).toContain('\r\nContent-Type: application/octet-stream')
    return `${/\r\nContent-Range: bytes (\d+-\d+)\/\d+/.exec(head)![1]} ${text}`
  })
}

const EMPTY = digestOf('')

const ofNothing = (range: string, rest: Pick<Call, 'status'> & Partial<Call>): Call => ({
  given: (registry) => pushBlob(registry, 'a', ''),
  call: `GET /v2/a/blobs/${EMPTY}`,
  headers: { Range: range },
  ...rest,
})

const ALL_OF_NOTHING = { status: 200, text: '', answers: { 'Content-Range': null, 'Content-Length': '0' } }
const NO_SUCH_PART = {
  status: 416,
  error: 'RANGE_INVALID',
  answers: { 'Content-Range': 'bytes */0' },
} as const

describeCalls('a range of an empty blob', {
  'its last byte': ofNothing('bytes=-1', ALL_OF_NOTHING),
  'its last megabyte': ofNothing('bytes=-1000000', ALL_OF_NOTHING),
  'a suffix among others': ofNothing('bytes=0-0,-5', ALL_OF_NOTHING),
  'no suffix': ofNothing('bytes=-0', NO_SUCH_PART),
  'from the start': ofNothing('bytes=0-', NO_SUCH_PART),
  'its first byte': ofNothing('bytes=0-0', NO_SUCH_PART),
  'a unit that nobody knows': ofNothing('lines=0-', ALL_OF_NOTHING),
})
