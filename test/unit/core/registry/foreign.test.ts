/** What browsers tell of a request, and what comes of it. Nothing is looked up for a page that may not ask. */
import { describe, expect, it } from 'vitest'
import { describeCalls } from '../../../support/calls.ts'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob } from '../../../support/push.ts'

const HELD = `GET /v2/a/blobs/${digestOf('bytes')}`
const MISSING = `GET /v2/a/blobs/${digestOf('other')}`
const CHROMIUM = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)', 'Accept-Language': 'en' }

const holding = (registry: Awaited<ReturnType<typeof openInMemoryRegistry>>) =>
  pushBlob(registry, 'a', 'bytes')

const REFUSED: Readonly<Record<string, Record<string, string>>> = {
  'of a page of another site': { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' },
  'of a page of another port': { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'no-cors' },
  'of a link on another site': { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
  'with words that no browser has': { 'Sec-Fetch-Site': 'elsewhere' },
  'of an extension': { 'Sec-Fetch-Site': 'none', Origin: 'chrome-extension://abcdef' },
  'of a page that claims to be our own': {
    'Sec-Fetch-Site': 'cross-site',
    Origin: 'http://registry.example',
  },
  'for a script': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'script' },
  'for a worker': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'worker' },
  'for a service worker': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'serviceworker' },
  'for a style': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'style' },
  'for a manifest of an application': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'manifest' },
  'for a frame': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'iframe' },
  'for what is not known yet': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'hologram' },
  'of a browser that does not tell': CHROMIUM,
  'of a browser that came from elsewhere': { ...CHROMIUM, Referer: 'http://evil.example/' },
}

describe('a request', () => {
  it.each(Object.entries(REFUSED))('%s gets the same answer, whatever is here', async (_, headers) => {
    await using registry = await openInMemoryRegistry()
    await holding(registry)
    const answers = []
    for (const call of [
      HELD,
      MISSING,
      'GET /v2/b/tags/list',
      'HEAD /v2/a/manifests/1',
      'POST /v2/a/blobs/uploads/',
    ]) {
      const [method, path] = call.split(' ') as [string, string]
      const response = await registry.fetch(method, path, { headers })
      answers.push([response.status, response.headers.get('docker-content-digest')])
    }
    expect(answers).toEqual(answers.map(() => [403, null]))
  })
})

describeCalls('a registry answers', {
  'clients that are no browsers': { given: holding, call: HELD, status: 200 },
  'clients of the web that are none': {
    given: holding,
    call: HELD,
    headers: { 'User-Agent': 'node', 'Accept-Language': '*', 'Sec-Fetch-Mode': 'cors' },
    status: 200,
  },
  'whoever types the address': {
    given: holding,
    call: HELD,
    headers: {
      ...CHROMIUM,
      'Sec-Fetch-Site': 'none',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    },
    status: 200,
  },
  'its own pages': {
    given: holding,
    call: HELD,
    headers: { ...CHROMIUM, 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'empty' },
    status: 200,
  },
  'its own pages where browsers tell less': {
    given: holding,
    call: HELD,
    headers: { ...CHROMIUM, Referer: 'http://registry.example/r/a' },
    status: 200,
  },
  'its own pages that write': {
    call: 'POST /v2/a/blobs/uploads/',
    headers: { ...CHROMIUM, 'Sec-Fetch-Site': 'same-origin', Origin: 'http://registry.example' },
    status: 202,
  },
})

const INERT = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
}
const BLOB = { ...INERT, 'Content-Disposition': 'attachment' }

describeCalls('nothing runs', {
  'of a blob': { given: holding, call: HELD, status: 200, answers: BLOB },
  'of its head': { given: holding, call: HELD.replace('GET', 'HEAD'), status: 200, answers: BLOB },
  'of a range': { given: holding, call: HELD, headers: { Range: 'bytes=0-1' }, status: 206, answers: BLOB },
  'of ranges': {
    given: holding,
    call: HELD,
    headers: { Range: 'bytes=0-1,3-4' },
    status: 206,
    answers: BLOB,
  },
  'of a range that is none': {
    given: holding,
    call: HELD,
    headers: { Range: 'bytes=9-' },
    status: 416,
    answers: INERT,
  },
  'of what has not changed': {
    given: holding,
    call: HELD,
    headers: { 'If-None-Match': '*' },
    status: 304,
    answers: BLOB,
  },
  'of a failure': { call: MISSING, status: 404, answers: INERT },
  'of a refusal': { call: MISSING, headers: { Origin: 'null' }, status: 403, answers: INERT },
  'of a path that is none': { call: 'GET /nowhere', status: 404, answers: INERT },
  'of an upload': { call: 'POST /v2/a/blobs/uploads/', status: 202, answers: INERT },
  'of an answer to OPTIONS': { call: 'OPTIONS /v2/', status: 204, answers: INERT },
})

describeCalls(
  'the configuration has the last word',
  {
    'in any case': {
      call: 'GET /v2/',
      status: 200,
      answers: { ...INERT, 'Cross-Origin-Resource-Policy': 'cross-origin' },
    },
  },
  {
    http: {
      headers: { 'cross-origin-resource-policy': ['cross-origin'], 'X-CONTENT-TYPE-OPTIONS': ['nosniff'] },
    },
  },
)
