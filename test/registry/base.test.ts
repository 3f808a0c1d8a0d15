import { describe, expect, it } from 'vitest'
import { describeCalls, expectAnswer } from '../support/calls.ts'
import { openInMemoryRegistry } from '../support/in-memory-registry.ts'
import { digestOf, pushImage } from '../support/push.ts'

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
    'a%2Fb',
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
