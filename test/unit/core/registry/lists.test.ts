import { describe, expect, it } from 'vitest'
import { type Call, describeCalls } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { imageOf, pushBlob, pushConfig, pushImage, pushManifest } from '../../../support/push.ts'

const TAGS = ['1.0', '10', '2.0', 'A', 'Z', '_', 'a', 'b']

async function givenTags(registry: InMemoryRegistry): Promise<void> {
  for (const tag of [...TAGS].reverse()) await pushImage(registry, 'a/b', { tag })
}

const tags = (query: string, expected: readonly string[], next: string | null = null): Call => ({
  given: givenTags,
  call: `GET /v2/a/b/tags/list${query}`,
  status: 200,
  json: { name: 'a/b', tags: expected },
  answers: { Link: next && `</v2/a/b/tags/list?${next}>; rel="next"`, 'Content-Type': 'application/json' },
})

const badNumber = (list: string, n: string): Call => ({
  given: givenTags,
  call: `GET /v2/${list}?n=${n}`,
  status: 400,
  error: 'PAGINATION_NUMBER_INVALID',
})

describeCalls('the tags of a repository', {
  'in byte order': tags('', TAGS),
  'empty parameters': tags('?n=&last=', TAGS),
  'the first page': tags('?n=3', ['1.0', '10', '2.0'], 'last=2.0&n=3'),
  'the second page': tags('?n=3&last=2.0', ['A', 'Z', '_'], 'last=_&n=3'),
  'the last page, half full': tags('?n=3&last=_', ['a', 'b']),
  'the last page, full': tags('?n=2&last=_', ['a', 'b']),
  'exactly one page': tags('?n=8', TAGS),
  'a page larger than the list': tags('?n=1000', TAGS),
  'a page far larger than the list': tags('?n=99999999999999999999', TAGS),
  'no entry': tags('?n=0', []),
  'after a tag': tags('?last=Z', ['_', 'a', 'b']),
  'after a tag that is not there': tags('?last=20', ['A', 'Z', '_', 'a', 'b']),
  'after the last': tags('?last=b', []),
  'a number that is none': badNumber('a/b/tags/list', 'ten'),
  'a negative number': badNumber('a/b/tags/list', '-1'),
  'a fraction': badNumber('a/b/tags/list', '1.5'),
  'a hexadecimal number': badNumber('a/b/tags/list', '0x10'),
  'of an unknown repository': {
    call: 'GET /v2/none/tags/list',
    status: 404,
    error: 'NAME_UNKNOWN',
    detail: { name: 'none' },
  },
  'of a repository without tags': {
    given: (registry) => pushImage(registry, 'a/b'),
    call: 'GET /v2/a/b/tags/list',
    status: 200,
    json: { name: 'a/b', tags: [] },
  },
})

describeCalls(
  'a limit on pages of tags',
  {
    'holds for larger wishes': tags('?n=5', ['1.0', '10'], 'last=10&n=2'),
    'holds for clients that do not page': tags('', ['1.0', '10'], 'last=10&n=2'),
  },
  { tags: { maxtags: 2 } },
)

const NAMES = ['a', 'a-b', 'a/b', 'a/b/c', 'b']

async function givenRepositories(registry: InMemoryRegistry): Promise<void> {
  for (const name of [...NAMES].reverse()) await pushImage(registry, name)
  await pushBlob(registry, 'only-blobs', 'blob')
}

const catalog = (query: string, expected: readonly string[], next: string | null = null): Call => ({
  given: givenRepositories,
  call: `GET /v2/_catalog${query}`,
  status: 200,
  json: { repositories: expected },
  answers: { Link: next && `</v2/_catalog?${next}>; rel="next"` },
})

describeCalls('the repositories', {
  'that hold manifests, in byte order': catalog('', NAMES),
  'the first page': catalog('?n=2', ['a', 'a-b'], 'last=a-b&n=2'),
  'the second page': catalog('?n=2&last=a-b', ['a/b', 'a/b/c'], 'last=a%2Fb%2Fc&n=2'),
  'the last page': catalog('?n=2&last=a%2Fb%2Fc', ['b']),
  'no entry': catalog('?n=0', []),
  'after one that is not there': catalog('?last=a/bb', ['b']),
  'after the last': catalog('?last=b', []),
  'as many as one may ask for': catalog('?n=1000', NAMES),
  'more than one may ask for': { ...badNumber('_catalog', '1001'), detail: { n: 1001 } },
  'a number that is none': { ...badNumber('_catalog', 'ten'), detail: { n: 'ten' } },
  'a negative number': badNumber('_catalog', '-1'),
  'of a registry without any': { call: 'GET /v2/_catalog', status: 200, json: { repositories: [] } },
})

describeCalls(
  'a limit on pages of repositories',
  {
    'holds for clients that do not page': catalog('', ['a', 'a-b'], 'last=a-b&n=2'),
    'refuses larger wishes': badNumber('_catalog', '3'),
  },
  { catalog: { maxentries: 2 } },
)

describe('following the links to the end', () => {
  async function entriesOf(registry: InMemoryRegistry, path: string, key: 'tags' | 'repositories') {
    const entries: string[] = []
    for (let next: string | undefined = path; next; ) {
      const response = await registry.fetch('GET', next)
      entries.push(...((await response.json()) as Record<typeof key, string[]>)[key])
      next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
    }
    return entries
  }

  it.each([1, 2, 3, 7, 8, 9])('gives every tag once, %i a page', async (n) => {
    await using registry = await openInMemoryRegistry()
    await givenTags(registry)
    expect(await entriesOf(registry, `/v2/a/b/tags/list?n=${n}`, 'tags')).toEqual(TAGS)
  })

  it.each([1, 2, 3, 5])('gives every repository once, %i a page', async (n) => {
    await using registry = await openInMemoryRegistry()
    await givenRepositories(registry)
    expect(await entriesOf(registry, `/v2/_catalog?n=${n}`, 'repositories')).toEqual(NAMES)
  })

  it('gives a hundred repositories to a client that does not say how many', async () => {
    await using registry = await openInMemoryRegistry()
    const names = Array.from({ length: 150 }, (_, number) => `r${String(number).padStart(3, '0')}`)
    for (const name of names)
      await pushManifest(registry, name, imageOf(await pushConfig(registry, name), []))
    const first = await registry.fetch('GET', '/v2/_catalog')
    expect(await first.json()).toEqual({ repositories: names.slice(0, 100) })
    expect(await entriesOf(registry, '/v2/_catalog', 'repositories')).toEqual(names)
  })
})
