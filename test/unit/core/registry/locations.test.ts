import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { locationsFor } from '../../../../src/core/registry/locations.ts'
import { describeCalls, expectAnswer } from '../../../support/calls.ts'
import { configOf, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { pushImage, startUpload } from '../../../support/push.ts'

type Headers = Readonly<Record<string, string>>

function originFor(headers: Headers, http: Headers = {}): string {
  const request = {
    method: 'POST',
    target: '/v2/a/blobs/uploads/',
    origin: 'http://registry.example:5000',
    isOwn: () => false,
    header: (name: string) => headers[name],
    body: undefined,
  }
  const location = locationsFor(request, configOf({ http }).http).upload('a', 'id')
  expect(location).toMatch(/\/v2\/a\/blobs\/uploads\/id$/)
  return location.replace(/\/v2\/a\/blobs\/uploads\/id$/, '')
}

const OWN = 'http://registry.example:5000'

describe('URLs in answers', () => {
  it.each<[string, string, Headers, Headers?]>([
    ['are the request’s own', OWN, {}],
    ['follow X-Forwarded-Proto', 'https://registry.example:5000', { 'x-forwarded-proto': 'https' }],
    ['follow X-Forwarded-Host', 'http://public.example', { 'x-forwarded-host': 'public.example' }],
    [
      'follow both',
      'https://public.example:8443',
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'public.example:8443' },
    ],
    [
      'follow the proxy nearest to the client',
      'https://first.example',
      { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': ' first.example , second.example' },
    ],
    ['ignore X-Forwarded-Port', OWN, { 'x-forwarded-port': '8443' }],
    ['ignore X-Forwarded-For', OWN, { 'x-forwarded-for': '192.0.2.1' }],
    ['ignore an unknown X-Forwarded-Proto', OWN, { 'x-forwarded-proto': 'ftp' }],
    ['ignore a host that is none', OWN, { 'x-forwarded-host': 'evil.example/path?' }],
    ['ignore a host with a user', OWN, { 'x-forwarded-host': 'user@evil.example' }],
    ['ignore empty headers', OWN, { 'x-forwarded-host': '', 'x-forwarded-proto': '' }],
    ['follow Forwarded', 'https://public.example', { forwarded: 'proto=https;host=public.example' }],
    ['follow the proto of Forwarded alone', 'https://registry.example:5000', { forwarded: 'proto=https' }],
    ['follow the host of Forwarded alone', 'http://public.example', { forwarded: 'host=public.example' }],
    ['ignore the for of Forwarded', OWN, { forwarded: 'for=192.0.2.43' }],
    [
      'follow the first element of Forwarded',
      'https://first.example',
      {
        forwarded:
          'for=192.0.2.43;proto=https;host=first.example, for=198.51.100.17;proto=http;host=second.example',
      },
    ],
    [
      'follow quoted values',
      'https://public.example:8443',
      { forwarded: 'for="[2001:db8::1]:47011";host="public.example:8443";proto="https"' },
    ],
    ['follow escaped values', 'https://public.example', { forwarded: 'host="public\\.example";proto=https' }],
    ['follow an IPv6 host', 'http://[2001:db8::1]:5000', { forwarded: 'host="[2001:db8::1]:5000"' }],
    [
      'follow names in upper case',
      'https://public.example',
      { forwarded: 'Proto=HTTPS;HOST=public.example' },
    ],
    [
      'tolerate spaces and a semicolon at the end',
      'https://public.example',
      {
        forwarded: ' proto=https; host=public.example; ',
      },
    ],
    ['are not fooled by what is quoted', OWN, { forwarded: 'for="x;proto=https;host=evil.example"' }],
    [
      'are not fooled by a comma that is quoted',
      'https://registry.example:5000',
      {
        forwarded: 'for="a,b;host=evil.example";proto=https',
      },
    ],
    ['are not fooled by extensions that are quoted', OWN, { forwarded: 'x-y="a;host=evil.example"' }],
    ['ignore an empty Forwarded', OWN, { forwarded: '' }],
    ['ignore a Forwarded that is none', OWN, { forwarded: 'proto' }],
    [
      'ignore X-Forwarded where there is Forwarded',
      'http://registry.example:5000',
      { forwarded: 'for=192.0.2.43', 'x-forwarded-host': 'other.example', 'x-forwarded-proto': 'https' },
    ],
    [
      'follow the configuration before all',
      'https://configured.example',
      { forwarded: 'proto=http;host=public.example', 'x-forwarded-host': 'other.example' },
      { host: 'https://configured.example/' },
    ],
  ])('%s', (_, expected, headers, http) => {
    expect(originFor(headers, http)).toBe(expected)
  })

  it('are URLs of HTTP, whatever a header holds', () => {
    const character = fc.oneof(fc.constantFrom(...'"\\;,=[]: '), fc.string({ minLength: 1, maxLength: 1 }))
    const word = fc.constantFrom('proto', 'host', 'for', 'http', 'https', 'public.example', ';', '=', '"')
    const text = fc.array(fc.oneof(word, character), { maxLength: 20 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(
        fc.constantFrom('forwarded', 'x-forwarded-host', 'x-forwarded-proto'),
        text,
        (name, value) => {
          expect(originFor({ [name]: value })).toMatch(/^https?:\/\/[A-Za-z0-9._:[\]-]+$/)
        },
      ),
    )
  })

  it('follow every host, quoted or not', () => {
    fc.assert(
      fc.property(fc.domain(), fc.option(fc.nat(65_535)), fc.boolean(), (domain, port, quoted) => {
        const host = port === null ? domain : `${domain}:${port}`
        const forwarded = `for=192.0.2.1;host=${quoted ? `"${host}"` : host}`
        expect(originFor({ forwarded })).toBe(`http://${host}`)
        expect(originFor({ 'x-forwarded-host': host })).toBe(`http://${host}`)
      }),
    )
  })
})

describeCalls(
  'relative URLs',
  {
    'name no host': {
      call: 'POST /v2/a/blobs/uploads/',
      status: 202,
      answers: { Location: /^\/v2\/a\/blobs\/uploads\/[^/]+$/ },
    },
    'name no host, whatever proxies say': {
      call: 'POST /v2/a/blobs/uploads/',
      headers: { 'X-Forwarded-Host': 'public.example' },
      status: 202,
      answers: { Location: /^\/v2\// },
    },
  },
  { http: { relativeurls: true } },
)

describe('a prefix', () => {
  const settings = { http: { prefix: '/mirror/one/' } }

  it('stands before every path, and in every URL', async () => {
    await using registry = await openInMemoryRegistry(settings)
    const started = await registry.fetch('POST', '/mirror/one/v2/a/blobs/uploads/')
    const location = started.headers.get('location')!
    expect(location).toMatch(/^http:\/\/registry\.example\/mirror\/one\/v2\/a\/blobs\/uploads\//)
    expect((await registry.fetch('GET', location)).status).toBe(204)
    expect((await registry.fetch('GET', '/mirror/one/v2/')).status).toBe(200)
  })

  it.each(['/v2/', '/mirror/v2/', '/mirror/onev2/', '/mirror/one/', '/'])(
    'leaves nothing at %s',
    async (path) => {
      await using registry = await openInMemoryRegistry(settings)
      await expectAnswer(await registry.fetch('GET', path), { status: 404, error: 'UNSUPPORTED' })
    },
  )

  it('stands in links to the next page', async () => {
    await using registry = await openInMemoryRegistry({ http: { prefix: '/mirror/' } })
    const path = '/mirror/v2/a/tags/list?n=1'
    const { fetch } = registry
    const below = {
      ...registry,
      fetch: (method: string, path: string, asking = {}) => fetch(method, `/mirror${path}`, asking),
    }
    for (const tag of ['1', '2']) await pushImage(below, 'a', { tag })
    const response = await registry.fetch('GET', path)
    await expectAnswer(response, {
      status: 200,
      answers: { Link: '</mirror/v2/a/tags/list?last=1&n=1>; rel="next"' },
    })
  })
})

describe('an upload', () => {
  it('goes on at its URL whatever host the client uses', async () => {
    await using registry = await openInMemoryRegistry()
    const location = new URL(await startUpload(registry, 'a'))
    expect(
      (await registry.fetch('PATCH', `http://other.example${location.pathname}`, { body: 'x' })).status,
    ).toBe(202)
  })
})
