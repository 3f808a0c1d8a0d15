/** What each connection may take: its share, one exchange at a time, and any time but that of the registry. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { limitConnections, networkOf } from '../../../../src/node/http/connections.ts'

type Handle = (request: IncomingMessage, response: ServerResponse) => void

const SHORT = { reader: 400, sender: 400, checkInterval: 20 }

/** Longer than anybody has who is waited for. */
const LONG = 1000

/** Bytes that a slow reader takes before it rests. */
const STEP = 512 * 1024

async function serve(handle: Handle, limits = { limit: 100, peraddress: 100 }) {
  const server = createServer()
  const connections = limitConnections(server, limits, SHORT)
  server.on('request', (request, response) =>
    connections.begin(request, response, () => handle(request, response)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { say: (text: string, options?: { reading: boolean }) => say(port, text, options) }
}

/** A client that sends `text`. What it has read until now is in `received`. */
function say(port: number, text: string, { reading = true } = {}) {
  const socket: Socket = connect(port, '127.0.0.1')
  const received: string[] = []
  socket.on('error', () => {}).write(text)
  if (reading) socket.setEncoding('latin1').on('data', (part: string) => received.push(part))
  onTestFinished(() => void socket.destroy())
  return {
    socket,
    received: () => received.join(''),
    closed: new Promise((resolve) => socket.once('close', resolve)),
  }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const PUT = 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n'

describe('the pace of a client', () => {
  it('that sends nothing of its body is too slow', async () => {
    const { say } = await serve((request) => void request.resume())
    await say(PUT).closed
  })

  it('that takes nothing of its answer is too slow', async () => {
    const done = Promise.withResolvers<void>()
    const { say } = await serve((_, response) => {
      response.once('close', done.resolve)
      response.end(Buffer.alloc(64 * 1024 * 1024))
    })
    say(GET, { reading: false })
    await done.promise
  })

  it('is as it may be while the registry works', async () => {
    const { say } = await serve(async (_, response) => {
      await sleep(LONG)
      response.end('at last')
    })
    const { received } = say(GET)
    await expect.poll(received).toContain('at last')
  })

  it('is as it may be while nobody reads what it sends', async () => {
    const { say } = await serve(async (request, response) => {
      await sleep(LONG)
      request.resume()
      response.end('at last')
    })
    const { received } = say(PUT)
    await expect.poll(received).toContain('at last')
  })

  it('does for an answer that it takes slowly, but takes', async () => {
    const size = 32 * 1024 * 1024
    const { say } = await serve((_, response) => void response.end(Buffer.alloc(size, 'x')))
    const { socket } = say(GET, { reading: false })
    let taken = 0
    for await (const part of socket as AsyncIterable<Buffer>) {
      const steps = Math.floor((taken + part.length) / STEP) - Math.floor(taken / STEP)
      if (steps > 0) await sleep(10)
      taken += part.length
      if (taken >= size) break
    }
    expect(taken).toBeGreaterThanOrEqual(size)
  })
})

describe('requests on one connection', () => {
  it('are answered one after another', async () => {
    let running = 0
    const { say } = await serve(async (_, response) => {
      expect(++running).toBe(1)
      await sleep(20)
      running--
      response.end('.')
    })
    const { received } = say(GET.repeat(10))
    await expect.poll(() => received().match(/HTTP\/1.1 200/g)).toHaveLength(10)
  })

  it('are too many at some number', async () => {
    const { say } = await serve(() => {})
    await say(GET.repeat(1000)).closed
  })

  it('go on after a body that nobody wanted, if it ends', async () => {
    const { say } = await serve((_, response) => void response.end('no'))
    const { received } = say(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc${GET}`)
    await expect.poll(() => received().match(/HTTP\/1.1 200/g)).toHaveLength(2)
  })
})

describe('connections', () => {
  it('of one address are a share of all, and free again when they close', async () => {
    const { say } = await serve((_, response) => void response.end('yes'), { limit: 10, peraddress: 2 })
    const held = [say(''), say('')]
    await Promise.all(held.map(({ socket }) => once(socket, 'connect')))
    await say(GET).closed
    held[0]!.socket.destroy()
    await expect
      .poll(async () => {
        const { received, closed } = say(GET)
        await Promise.race([closed, sleep(100)])
        return received()
      })
      .toContain('yes')
  })
})

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s is of the network %s', (address, network) => expect(networkOf(address)).toBe(network))
