/** Bodies of requests in engines that give no stream of them: the registry reads the same bytes. */

import { expect, it } from 'vitest'
import { bodyOf, createFetch } from '../../../../src/core/http/fetch.ts'
import type { Handler } from '../../../../src/core/http/message.ts'
import { incompressible } from '../../../fixtures/layer.ts'

const URL = 'http://registry.example/v2/a/blobs/uploads/'

/** As Firefox has it. */
const withoutStream = (init: RequestInit): Request => {
  const request = new Request(URL, init)
  const { url, method, headers, signal } = request
  return { url, method, headers, signal, blob: () => request.blob() } as Request
}

const read = async (request: Request): Promise<Buffer> => {
  let bytes = Buffer.alloc(0)
  const registry: Handler = async ({ body }) => {
    bytes = Buffer.concat(await Array.fromAsync(body ?? []))
    return { status: 201, headers: {} }
  }
  await createFetch(registry)(request)
  return bytes
}

it.each([
  ['nothing', ''],
  ['text', 'text'],
  ['more than is read at once', incompressible(2 ** 20 * 2 + 1, 'a')],
] as [string, BodyInit][])('is %s, with a stream and without', async (_, body) => {
  const init = { method: 'PUT', body }
  const expected = Buffer.from(await new Response(body).arrayBuffer())
  expect((await read(new Request(URL, init))).equals(expected)).toBe(true)
  expect((await read(withoutStream(init))).equals(expected)).toBe(true)
})

it.each(['GET', 'HEAD'])('is none with %s', (method) => {
  expect(bodyOf(withoutStream({ method }))).toBeUndefined()
  expect(bodyOf(new Request(URL, { method }))).toBeUndefined()
})
