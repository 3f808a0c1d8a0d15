/** The body of a request comes as it was sent, in whatever chunks, however slowly it is read. */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { bodyOf } from '../../../../src/node/http/body.ts'

it.each([
  ['of a byte', 1, 20_000],
  ['of some bytes', 300, 5000],
  ['of many sizes', 100_000, 200],
])('in chunks %s', async (_, most, count) => {
  const chunks = Array.from({ length: count }, () => randomBytes(randomInt(1, most + 1)))
  const received: Buffer[] = []
  const server = createServer(async (request, response) => {
    for await (const chunk of bodyOf(request)) {
      received.push(Buffer.from(chunk))
      if (randomInt(4) === 0) await setImmediate()
    }
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const sent = request({ port: (server.address() as AddressInfo).port, method: 'PUT', agent: false })
  for (const chunk of chunks) sent.write(chunk)
  const [response] = await once(sent.end(), 'response')
  response.resume()
  expect(Buffer.concat(received).equals(Buffer.concat(chunks))).toBe(true)
})
