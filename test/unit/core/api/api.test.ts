/** The route table of `/flotilla/`, with handlers bound to some of its rows. */
import { describe, expect, it } from 'vitest'
import { createApi } from '../../../../src/core/api/api.ts'
import { API_OPERATIONS, type ApiOperations } from '../../../../src/core/api/operations.ts'
import { API_ROUTES, type ApiRoute } from '../../../../src/core/api/routes.ts'
import { SCHEMAS } from '../../../../src/core/api/schemas.ts'
import { jsonResponse, type RegistryRequest } from '../../../../src/core/http/message.ts'
import { createOrigins } from '../../../../src/core/http/origins.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { RegistryError } from '../../../../src/core/oci/error.ts'

const PAGE = 'http://page.example'

const cors = { origins: [PAGE], writers: [] }
const origins = createOrigins({ host: undefined, hosts: [], cors })

const api = createApi(
  {
    client: { GET: async () => jsonResponse(200, { id: 'owner' }) },
    pageAddress: { POST: async () => jsonResponse(200, {}) },
    localPeer: { GET: async () => jsonResponse(200, { id: 'peer' }) },
    blob: {
      async GET(_, { digest }) {
        throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: digest })
      },
    },
  },
  { prefix: '/registry/', policy: { ...origins, mayWrite: origins.mayRead }, log: silentLog },
)

async function ask(method: string, target: string, headers: Record<string, string> = {}, admit?: () => void) {
  const request: RegistryRequest = {
    method,
    target,
    origin: 'http://localhost:5000',
    isOwn: (origin) => origin === 'http://localhost:5000',
    header: (name) => headers[name],
    body: undefined,
  }
  const { status, headers: answered, body } = await api.answer(request, api.find(target), admit)
  const text = new TextDecoder().decode(body?.[0] as Uint8Array | undefined)
  return { status, headers: answered, json: text === '' ? undefined : JSON.parse(text) }
}

describe('the API', () => {
  it("has the owner's routes at the root and the others below the prefix", async () => {
    expect((await ask('GET', '/flotilla/whoami?x=1')).json).toEqual({ id: 'owner' })
    expect((await ask('GET', '/registry/flotilla/peer')).json).toEqual({ id: 'peer' })
    expect(api.find('/registry/flotilla/whoami')).toBeUndefined()
    expect(api.find('/flotilla/peer')).toBeUndefined()
  })

  it('has no route without a handler', () => {
    expect(api.find('/flotilla/storage')).toBeUndefined()
  })

  it.each([
    ['GET', '/flotilla/storage', 404, 'UNSUPPORTED'],
    ['POST', '/flotilla/whoami', 405, 'UNSUPPORTED'],
    ['GET', '/registry/flotilla/page-address', 405, 'UNSUPPORTED'],
    ['GET', '/flotilla/blobs/sha256%3Ax', 404, 'BLOB_UNKNOWN'],
  ])('answers %s %s with %i %s in the error envelope', async (method, target, status, code) => {
    const answered = await ask(method, target)
    expect(answered.status).toBe(status)
    expect(SCHEMAS.Errors.parse(answered.json).errors[0]!.code).toBe(code)
    expect(answered.headers).toMatchObject({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
  })

  it('lets pages that the configuration names use the routes for anyone, and no others', async () => {
    const allowed = await ask('GET', '/registry/flotilla/peer', { origin: PAGE })
    expect(allowed.status).toBe(200)
    expect(allowed.headers).toMatchObject({ 'Access-Control-Allow-Origin': PAGE })
    expect((await ask('GET', '/flotilla/whoami', { origin: PAGE })).status).toBe(403)
    expect((await ask('POST', '/registry/flotilla/page-address', { origin: PAGE })).status).toBe(403)
    const unknown = { origin: 'http://other.example', 'sec-fetch-site': 'cross-site' }
    expect((await ask('GET', '/registry/flotilla/peer', unknown)).status).toBe(403)
  })

  it('answers preflight requests only for the routes for anyone', async () => {
    const headers = { 'access-control-request-headers': 'range' }
    const open = await ask('OPTIONS', '/registry/flotilla/peer', headers)
    expect(open.headers).toMatchObject({ Allow: 'GET, HEAD', 'Access-Control-Allow-Headers': 'range' })
    const closed = await ask('OPTIONS', '/flotilla/whoami', headers)
    expect(closed.headers).toMatchObject({ Allow: 'GET, HEAD' })
    expect(closed.headers).not.toHaveProperty('Access-Control-Allow-Headers')
  })

  it('asks first whether the client is admitted', async () => {
    const refuse = () => {
      throw new RegistryError('DENIED')
    }
    expect((await ask('POST', '/flotilla/whoami', {}, refuse)).status).toBe(403)
  })
})

describe('the route table', () => {
  const rows = Object.entries<ApiRoute>(API_ROUTES)

  it('lets strangers read only', () => {
    const open = rows.filter(([, { audience }]) => audience === 'anyone').map(([name]) => name)
    expect(open).toEqual(['localPeer', 'request'])
  })

  it('names a schema for every JSON body', () => {
    const bodies = Object.values<ApiOperations>(API_OPERATIONS).flatMap((operations) =>
      Object.values(operations).flatMap(({ body, answer }) => [body, answer]),
    )
    const names = bodies.filter((body) => body !== undefined && !body.includes('/'))
    expect(names.filter((name) => !(name! in SCHEMAS))).toEqual([])
  })
})
