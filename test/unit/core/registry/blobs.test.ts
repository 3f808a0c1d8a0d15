import { describe, expect, it } from 'vitest'
import { type Call, describeCalls, expectAnswer } from '../../../support/calls.ts'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob } from '../../../support/push.ts'

const CONTENT = 'some bytes'
const SHA256 = digestOf(CONTENT)
const SHA512 = digestOf(CONTENT, 'sha512')
const EMPTY = digestOf('')

const given: Call['given'] = (registry) => pushBlob(registry, 'a/b', CONTENT)
const givenBySha512: Call['given'] = (registry) => pushBlob(registry, 'a/b', CONTENT, undefined, 'sha512')

const HEADERS = {
  'Content-Type': 'application/octet-stream',
  'Content-Length': '10',
  'Docker-Content-Digest': SHA256,
  ETag: `"${SHA256}"`,
  'Cache-Control': 'max-age=31536000',
  'Accept-Ranges': 'bytes',
}

describeCalls('pulling a blob', {
  'gives its bytes': {
    given,
    call: `GET /v2/a/b/blobs/${SHA256}`,
    status: 200,
    text: CONTENT,
    answers: HEADERS,
  },
  'gives no bytes for HEAD': {
    given,
    call: `HEAD /v2/a/b/blobs/${SHA256}`,
    status: 200,
    text: '',
    answers: HEADERS,
  },
  'works with an encoded colon': {
    given,
    call: `GET /v2/a/b/blobs/${SHA256.replace(':', '%3A')}`,
    status: 200,
    text: CONTENT,
  },
  'works by sha512 for one that was pushed so': {
    given: givenBySha512,
    call: `GET /v2/a/b/blobs/${SHA512}`,
    status: 200,
    text: CONTENT,
    answers: { 'Docker-Content-Digest': SHA512, ETag: `"${SHA512}"` },
  },
  'gives an empty one': {
    given: (registry) => pushBlob(registry, 'a/b', ''),
    call: `GET /v2/a/b/blobs/${EMPTY}`,
    status: 200,
    text: '',
    answers: { 'Content-Length': '0', 'Docker-Content-Digest': EMPTY },
  },
})

describeCalls('a blob that cannot be pulled', {
  unknown: {
    call: `GET /v2/a/b/blobs/${SHA256}`,
    status: 404,
    error: 'BLOB_UNKNOWN',
    detail: SHA256,
    answers: { 'Content-Type': 'application/json' },
  },
  'unknown, by HEAD': { call: `HEAD /v2/a/b/blobs/${SHA256}`, status: 404, text: '' },
  'in another repository': { given, call: `GET /v2/a/blobs/${SHA256}`, status: 404, error: 'BLOB_UNKNOWN' },
  'unknown algorithm': {
    call: `GET /v2/a/b/blobs/${SHA256.replace('256', '257')}`,
    status: 400,
    error: 'DIGEST_INVALID',
  },
  'an algorithm that nothing is stored by': {
    call: `GET /v2/a/b/blobs/sha384:${'0'.repeat(96)}`,
    status: 400,
    error: 'DIGEST_INVALID',
  },
  'too short': { call: 'GET /v2/a/b/blobs/sha256:abc', status: 400, error: 'DIGEST_INVALID' },
  'upper-case hex': {
    call: `GET /v2/a/b/blobs/sha256:${'A'.repeat(64)}`,
    status: 400,
    error: 'DIGEST_INVALID',
  },
  'no digest at all': { call: 'GET /v2/a/b/blobs/latest', status: 400, error: 'DIGEST_INVALID' },
  'broken percent encoding': { call: 'GET /v2/a/b/blobs/sha256%3', status: 400, error: 'DIGEST_INVALID' },
})

describeCalls('a client that has the blob', {
  'quotes its digest': {
    given,
    call: `GET /v2/a/b/blobs/${SHA256}`,
    headers: { 'If-None-Match': `"${SHA256}"` },
    status: 304,
    text: '',
    answers: { ETag: `"${SHA256}"`, 'Content-Length': null },
  },
  'does not quote it': {
    given,
    call: `GET /v2/a/b/blobs/${SHA256}`,
    headers: { 'If-None-Match': SHA256 },
    status: 304,
  },
  'names several, one of them weak': {
    given,
    call: `GET /v2/a/b/blobs/${SHA256}`,
    headers: { 'If-None-Match': `"${EMPTY}", W/"${SHA256}"` },
    status: 304,
  },
  'takes any': {
    given,
    call: `HEAD /v2/a/b/blobs/${SHA256}`,
    headers: { 'If-None-Match': '*' },
    status: 304,
  },
  'has another': {
    given,
    call: `GET /v2/a/b/blobs/${SHA256}`,
    headers: { 'If-None-Match': `"${EMPTY}"` },
    status: 200,
    text: CONTENT,
  },
  'has one that we do not': {
    call: `GET /v2/a/b/blobs/${SHA256}`,
    headers: { 'If-None-Match': `"${SHA256}"` },
    status: 404,
    error: 'BLOB_UNKNOWN',
  },
})

describe('a blob of many chunks', () => {
  it('comes back as it was sent', async () => {
    await using registry = await openInMemoryRegistry()
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, position) => (position * position) >> 3)
    const { digest } = await pushBlob(registry, 'a', bytes)
    const response = await registry.fetch('GET', `/v2/a/blobs/${digest}`)
    await expectAnswer(response.clone(), { status: 200, answers: { 'Content-Length': '3000000' } })
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
  })
})
