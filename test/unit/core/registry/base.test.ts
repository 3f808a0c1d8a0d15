import { describe, expect, it } from 'vitest'
import { describeCalls, expectAnswer } from '../../../support/calls.ts'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushImage } from '../../../support/push.ts'

const DIGEST = digestOf('')
const API_VERSION = { 'Docker-Distribution-API-Version': 'registry/2.0' }

describeCalls('the base', {
  'says that this is a registry': {
    call: 'GET /v2/',
    status: 200,
    json: {},
    answers: { ...API_VERSION, 'Content-Type': 'application/json', 'Content-Length': '2' },
  },
  'is found without the slash too': { call: 'GET /v2', status: 200, json: {} },
  'has no body for HEAD': { call: 'HEAD /v2/', status: 200, text: '', answers: { 'Content-Length': '2' } },
})

describeCalls('a path that is none', {
  'outside of the API': { call: 'GET /v1/_ping', status: 404, error: 'UNSUPPORTED', answers: API_VERSION },
  'below it': { call: 'GET /v2/a/b', status: 404, error: 'UNSUPPORTED' },
  'without a name': { call: 'GET /v2/tags/list', status: 404, error: 'UNSUPPORTED' },
  'with a part too many': { call: `GET /v2/a/blobs/${DIGEST}/more`, status: 404, error: 'UNSUPPORTED' },
  'empty reference': { call: 'GET /v2/a/manifests/', status: 404, error: 'UNSUPPORTED' },
})

describeCalls('a method that a path does not have', {
  'POST to the base': {
    call: 'POST /v2/',
    status: 405,
    error: 'UNSUPPORTED',
    answers: { Allow: 'GET, HEAD' },
  },
  'PATCH of a manifest': {
    call: 'PATCH /v2/a/manifests/t',
    status: 405,
    error: 'UNSUPPORTED',
    answers: { ...API_VERSION, Allow: 'DELETE, GET, HEAD, PUT' },
  },
  'PUT of a blob': {
    call: `PUT /v2/a/blobs/${DIGEST}`,
    status: 405,
    answers: { Allow: 'DELETE, GET, HEAD' },
  },
  'GET of all uploads': { call: 'GET /v2/a/blobs/uploads/', status: 405, answers: { Allow: 'POST' } },
  'POST to an upload': {
    call: 'POST /v2/a/blobs/uploads/1',
    status: 405,
    answers: { Allow: 'DELETE, GET, HEAD, PATCH, PUT' },
  },
  'DELETE of the tag list': { call: 'DELETE /v2/a/tags/list', status: 405, answers: { Allow: 'GET, HEAD' } },
  'PUT of the catalog': { call: 'PUT /v2/_catalog', status: 405, answers: { Allow: 'GET, HEAD' } },
  'a method that nobody has': { call: 'PROPFIND /v2/', status: 405, answers: { Allow: 'GET, HEAD' } },
  'a method named like a property': { call: 'CONSTRUCTOR /v2/', status: 405 },
  'OPTIONS tells them': { call: 'OPTIONS /v2/a/tags/list', status: 204, answers: { Allow: 'GET, HEAD' } },
})

describe('a repository name', () => {
  it.each([
    'a',
    '0',
    'a/b/c/d/e/f/g',
    'foo/bar.baz_qux__quux--corge',
    'tags/list',
    'manifests/latest',
    'blobs/uploads',
    'a/tags/list/b',
    'referrers/a',
    'v2',
    'a'.repeat(255),
    'a'.repeat(64),
  ])('may be %s', async (name) => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, name, { tag: 'latest' })
    const paths = [`manifests/latest`, `manifests/${image.digest}`, `blobs/${digestOf('layer')}`, 'tags/list']
    for (const path of paths) {
      expect((await registry.fetch('GET', `/v2/${name}/${path}`)).status, path).toBe(200)
    }
    expect(await (await registry.fetch('GET', '/v2/_catalog')).json()).toEqual({ repositories: [name] })
  })

  it.each([
    'A',
    'a/B',
    '-a',
    'a-',
    'a..b',
    'a//b',
    'a___b',
    '_a',
    'a/_catalog',
    'a%2FB',
    'a%2F',
    'a%2F..%2Fb',
    'a%252Fb',
    'a%25',
    '%ff',
    'a%c0%afb',
    'a%',
    'a b',
    'é',
    'localhost:5000/a',
    'a'.repeat(256),
  ])('may not be %s', async (name) => {
    await using registry = await openInMemoryRegistry()
    const paths = [
      ['GET', 'tags/list'],
      ['GET', 'manifests/latest'],
      ['PUT', 'manifests/latest'],
      ['DELETE', 'manifests/latest'],
      ['GET', `blobs/${DIGEST}`],
      ['POST', 'blobs/uploads/'],
      ['PATCH', 'blobs/uploads/1'],
      ['GET', `referrers/${DIGEST}`],
    ] as const
    for (const [method, path] of paths) {
      const response = await registry.fetch(method, `/v2/${name}/${path}`)
      await expectAnswer(response, { status: 400, error: 'NAME_INVALID' })
    }
  })
})

/** As Distribution does, and as some clients and proxies send it. */
describe('a path that is percent-encoded', () => {
  it.each(['a%2Fb', 'a%2fb', '%61/%62', '%61%2F%62', 'a/b'])(
    'names the repository a/b by %s',
    async (name) => {
      await using registry = await openInMemoryRegistry()
      const started = await registry.fetch('POST', `/v2/${name}/blobs/uploads/`)
      expect(started.headers.get('location')).toContain('/v2/a/b/blobs/uploads/')
      const { digest } = await pushImage(registry, name, { tag: '1' })
      const blob = digestOf('layer')
      const paths = [
        'tags/list',
        'manifests/1',
        'manifests/%31',
        `manifests/${digest}`,
        `manifests/${digest.replace(':', '%3A')}`,
        `blobs/${blob}`,
        `referrers/${digest}`,
      ]
      for (const path of paths) {
        for (const method of ['GET', 'HEAD']) {
          const response = await registry.fetch(method, `/v2/${name}/${path}`)
          expect(response.status, `${method} ${path}`).toBe(200)
        }
      }
      expect(await (await registry.fetch('GET', `/v2/${name}/tags/list`)).json()).toMatchObject({
        name: 'a/b',
      })
      expect(await (await registry.fetch('GET', '/v2/_catalog')).json()).toEqual({ repositories: ['a/b'] })
      expect((await registry.fetch('DELETE', `/v2/${name}/manifests/${digest}`)).status).toBe(202)
      expect((await registry.fetch('DELETE', `/v2/${name}/blobs/${blob}`)).status).toBe(202)
    },
  )

  it.each([
    '/v2/a%2Fb%2Ftags%2Flist',
    '/v2/a%2Fb%2Fmanifests%2F1',
    '/v2/%61%2F%62%2F%6Danifests/1',
    '/v2/%5Fcatalog',
  ])('may have its slashes and words encoded too: %s', async (path) => {
    await using registry = await openInMemoryRegistry()
    await pushImage(registry, 'a/b', { tag: '1' })
    expect((await registry.fetch('GET', path)).status).toBe(200)
  })

  it.each(['a%252Fb', 'a%zz', '%ff', 'a%c0%afb', 'a%ed%a0%80'])(
    'is told what is wrong with %s',
    async (name) => {
      await using registry = await openInMemoryRegistry()
      const response = await registry.fetch('GET', `/v2/${name}/tags/list`)
      const { errors } = (await response.json()) as { errors: { message: string }[] }
      expect(errors[0]!.message).toContain('encoded')
    },
  )
})

describe('a failure of our own', () => {
  it('tells the client nothing of what is inside', async () => {
    const registry = await openInMemoryRegistry()
    await registry.close()
    const response = await registry.fetch('GET', '/v2/a/tags/list')
    await expectAnswer(response, {
      status: 500,
      json: { errors: [{ code: 'UNKNOWN', message: 'unknown error' }] },
      answers: API_VERSION,
    })
  })
})
