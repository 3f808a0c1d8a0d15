import { describe, expect, it } from 'vitest'
import { createApi } from '../../../../src/core/api/api.ts'
import { createArchiveRoute } from '../../../../src/core/archive/route.ts'
import { createFetch } from '../../../../src/core/http/fetch.ts'
import type { RegistryRequest } from '../../../../src/core/http/message.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { type InMemoryRegistry, ORIGIN, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { pushImage } from '../../../support/push.ts'

/** As the doorway of a service worker would answer. */
async function ask({ registry }: InMemoryRegistry, target: string, method = 'GET') {
  const api = createApi(createArchiveRoute(createFetch(registry)), { log: silentLog })
  const request: RegistryRequest = {
    method,
    target,
    origin: ORIGIN,
    isOwn: () => false,
    header: () => undefined,
    body: undefined,
  }
  const match = api.find(target)
  const response = match && (await api.answer(request, match))
  return response && createFetch(async () => response)(new Request(ORIGIN + target, { method }))
}

describe('/flotilla/archive/', () => {
  it('answers with a file', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushImage(registry, 'team/app', { tag: 'v1.0' })
    for (const reference of ['v1.0', digest, digest.replace(':', '%3A')]) {
      const response = await ask(registry, `/flotilla/archive/team/app/${reference}?format=docker`)
      expect(response?.status).toBe(200)
      expect(response!.headers.get('content-type')).toBe('application/x-tar')
      expect(response!.headers.get('content-disposition')).toMatch(
        /^attachment; filename="team_app_[\w.]+\.tar"$/,
      )
      expect((await response!.bytes()).byteLength).toBe(Number(response!.headers.get('content-length')))
    }
    expect((await ask(registry, '/flotilla/archive/team%2Fapp/v1%2E0'))?.status).toBe(200)
  })

  it('answers HEAD with the size', async () => {
    await using registry = await openInMemoryRegistry()
    await pushImage(registry, 'app', { tag: '1' })
    const response = await ask(registry, '/flotilla/archive/app/1?format=oci', 'HEAD')
    expect(Number(response!.headers.get('content-length'))).toBeGreaterThan(2048)
    expect(response!.headers.get('content-disposition')).toBe('attachment; filename="app_1.oci.tar"')
  })

  it.each([
    ['/flotilla/archive/app/2', 'GET', 404, 'MANIFEST_UNKNOWN'],
    ['/flotilla/archive/app/1?format=zip', 'GET', 400, 'UNSUPPORTED'],
    ['/flotilla/archive/APP/1', 'GET', 400, 'NAME_INVALID'],
    ['/flotilla/archive/app/..', 'GET', 400, 'TAG_INVALID'],
    ['/flotilla/archive/app/sha256:x', 'GET', 400, 'DIGEST_INVALID'],
    ['/flotilla/archive/app/%', 'GET', 400, 'TAG_INVALID'],
    ['/flotilla/archive/app/1', 'POST', 405, 'UNSUPPORTED'],
  ])('%s %s: %i %s', async (target, method, status, code) => {
    await using registry = await openInMemoryRegistry()
    await pushImage(registry, 'app', { tag: '1' })
    const response = (await ask(registry, target, method))!
    expect(response.status).toBe(status)
    expect((await response.json()).errors[0].code).toBe(code)
  })

  it('leaves other paths to others', async () => {
    await using registry = await openInMemoryRegistry()
    for (const path of ['/v2/', '/flotilla/archive', '/flotilla/archive/app', '/flotilla/images']) {
      expect(await ask(registry, path)).toBeUndefined()
    }
  })
})
