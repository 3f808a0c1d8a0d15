import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { describe, expect, it, vi } from 'vitest'
import { LEAF_SIZE } from '../../../../src/core/leaf.ts'
import type { Offer } from '../../../../src/core/swarm/protocol/messages.ts'
import { createHttpsFetcher } from '../../../../src/node/bulk/fetch-by-https.ts'
import { PATIENCE } from '../../../support/patience.ts'
import { useQuickTimeouts } from '../../../support/quick-timeouts.ts'
import { DIGEST, headOf, onLoopback, openImpostor, openPeer, PEER, rangeIn, readAll, sha256 } from './peer.ts'

const { signal } = new AbortController()

const range = { start: 0, end: 2 * LEAF_SIZE - 1 }
const body = randomBytes(2 * LEAF_SIZE)

const read = (offer: Offer, fetcher = onLoopback()) =>
  readAll(fetcher.fetch(PEER, offer, DIGEST, range, { signal }))

const answerRight = (socket: TLSSocket, request: string): void => {
  const { start, end } = rangeIn(request)
  socket.write(headOf({ start, end }))
  socket.write(body.subarray(start, end + 1))
}

const withHead = (head: string) => (socket: TLSSocket) => void socket.write(head)

/** The head of an answer that has these lines only. */
const lines = (...all: string[]) => withHead([...all, '\r\n'].join('\r\n'))

const OK = 'HTTP/1.1 206 Partial Content'
const LENGTH = `Content-Length: ${body.length}`
const RANGE = `Content-Range: bytes 0-${body.length - 1}/1000000000`

describe('the HTTPS fetcher', () => {
  it('leads to peers that offer it and are reached by an address', async () => {
    const http = { port: 1, certificate: '0'.repeat(64), ticket: 'ticket' }
    const leads = (hosts: string[], offer: Offer) =>
      createHttpsFetcher({ hostsOf: () => hosts }).supports(PEER, offer)
    expect(leads(['192.0.2.1'], { size: 1, http })).toBe(true)
    expect(leads(['2001:db8::1'], { size: 1, http })).toBe(true)
    expect(leads([], { size: 1, http })).toBe(false)
    expect(leads(['localhost', 'example.com'], { size: 1, http })).toBe(false)
    expect(leads(['192.0.2.1'], { size: 1 })).toBe(false)
    expect(leads(['192.0.2.1'], { size: 1, http: { ...http, ticket: 'a\r\nHost: b' } })).toBe(false)
  })

  it('sends nothing, not even its ticket, to a server with another certificate', async () => {
    await using impostor = await openImpostor(answerRight)
    const http = { ...impostor.offer.http!, certificate: 'ab'.repeat(32) }
    const fetcher = onLoopback()
    await expect(read({ size: 1e9, http }, fetcher)).rejects.toThrow('cannot be reached')
    expect(impostor.received()).toBe('')
    expect(fetcher.supports(PEER, impostor.offer)).toBe(false)
    expect(fetcher.supports('another peer', impostor.offer)).toBe(true)
  })

  it('is not used for a while if nobody listens', async () => {
    const impostor = await openImpostor(answerRight)
    await impostor[Symbol.asyncDispose]()
    const fetcher = onLoopback()
    expect(fetcher.supports(PEER, impostor.offer)).toBe(true)
    await expect(read(impostor.offer, fetcher)).rejects.toThrow('cannot be reached')
    expect(fetcher.supports(PEER, impostor.offer)).toBe(false)
  })

  it('is not used for a while if the ticket is refused', async () => {
    await using peer = await openPeer(undefined)
    const fetcher = onLoopback()
    const http = { ...peer.offer.http!, ticket: 'old' }
    await expect(read({ size: 1, http }, fetcher)).rejects.toThrow('401')
    expect(fetcher.supports(PEER, peer.offer)).toBe(false)
  })

  it('tries one host after the other', async () => {
    await using impostor = await openImpostor(answerRight)
    const fetcher = createHttpsFetcher({ hostsOf: () => ['127.9.9.9', '127.0.0.1'] })
    expect((await read(impostor.offer, fetcher)).sha256).toBe(sha256(body))
    expect(fetcher.supports(PEER, impostor.offer)).toBe(true)
  })

  it('keeps its connections', async () => {
    await using impostor = await openImpostor(answerRight)
    const fetcher = onLoopback()
    for (let time = 0; time < 5; time++) {
      expect((await read(impostor.offer, fetcher)).sha256).toBe(sha256(body))
    }
    expect(impostor.connections).toHaveLength(1)
  })

  it('has no more than four connections to a peer', async () => {
    await using impostor = await openImpostor(answerRight)
    const fetcher = onLoopback()
    const all = await Promise.all(Array.from({ length: 12 }, () => read(impostor.offer, fetcher)))
    expect(new Set(all.map((one) => one.sha256))).toEqual(new Set([sha256(body)]))
    expect(impostor.connections).toHaveLength(4)
  })

  it('opens another connection when the kept one was closed', async () => {
    await using impostor = await openImpostor(answerRight)
    const fetcher = onLoopback()
    await read(impostor.offer, fetcher)
    const [kept] = impostor.connections
    kept!.end()
    await once(kept!, 'close') // the other end has closed too
    await read(impostor.offer, fetcher)
    expect(impostor.connections).toHaveLength(2)
  })

  it('does not keep a connection that the peer is about to close', async () => {
    await using impostor = await openImpostor((socket) => {
      socket.write(headOf(range, ['Connection: close']))
      socket.write(body)
    })
    const fetcher = onLoopback()
    await read(impostor.offer, fetcher)
    await read(impostor.offer, fetcher)
    expect(impostor.connections).toHaveLength(2)
  })

  it('reads heads and bodies that come byte by byte', async () => {
    await using impostor = await openImpostor(async (socket) => {
      for (const byte of headOf(range)) {
        socket.write(byte)
        await new Promise((resolve) => setTimeout(resolve))
      }
      for (let start = 0; start < 100; start++) socket.write(body.subarray(start, start + 1))
      socket.write(body.subarray(100))
    })
    expect((await read(impostor.offer)).sha256).toBe(sha256(body))
  })

  it('takes fewer bytes than it asked for', async () => {
    await using impostor = await openImpostor((socket) => {
      socket.write(headOf({ start: 0, end: 99 }))
      socket.write(body.subarray(0, 100))
    })
    expect((await read(impostor.offer)).sizes).toEqual([100])
  })
})

describe('a peer that', () => {
  it.each([
    ['is no web server', withHead('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
    ['speaks another version', lines('HTTP/1.0 206 OK', LENGTH, RANGE)],
    ['sends garbage', withHead(`${'\0\xff'.repeat(50)}\r\n\r\n`)],
    ['sends a head without end', withHead('HTTP/1.1 206 OK\r\n'.padEnd(17_000, 'x'))],
    ['sends lines that are no headers', lines(OK, LENGTH, RANGE, 'nonsense')],
    ['folds a header', lines(OK, LENGTH, RANGE, 'X: 1', ' 2')],
    ['sends a header without name', lines(OK, LENGTH, RANGE, ': 1')],
    ['sends two lengths', lines(OK, LENGTH, LENGTH, RANGE)],
    ['sends no length', lines(OK, RANGE)],
    ['sends an empty length', lines(OK, 'Content-Length:', RANGE)],
    ['sends a negative length', lines(OK, 'Content-Length: -1', RANGE)],
    ['sends a length of nothing', lines(OK, 'Content-Length: 0', RANGE)],
    [
      'sends more than was asked for',
      lines(OK, `Content-Length: ${body.length + 1}`, `Content-Range: bytes 0-${body.length}/1000000000`),
    ],
    ['sends chunks', lines(OK, 'Transfer-Encoding: chunked', RANGE)],
    ['sends chunks and a length', lines(OK, LENGTH, 'Transfer-Encoding: chunked', RANGE)],
    ['sends no range', lines(OK, LENGTH)],
    ['sends another range', lines(OK, LENGTH, `Content-Range: bytes 1-${body.length}/1000000000`)],
    ['sends a range of another length', lines(OK, LENGTH, 'Content-Range: bytes 0-1/1000000000')],
    ['sends everything', lines('HTTP/1.1 200 OK', LENGTH)],
    ['redirects', lines('HTTP/1.1 307 Temporary Redirect', 'Location: http://192.0.2.1/', LENGTH)],
    ['says continue', lines('HTTP/1.1 100 Continue')],
    ['closes at once', (socket: TLSSocket) => void socket.end()],
    ['closes within the head', (socket: TLSSocket) => void socket.end('HTTP/1.1 206 Part')],
    ['resets the connection', (socket: TLSSocket) => void socket.destroy()],
  ])('%s is left', async (_, answer) => {
    await using impostor = await openImpostor(answer)
    await expect(read(impostor.offer)).rejects.toThrow(/peer|ECONNRESET/)
  })

  it('closes within the body fails the reading, after the leaves that came', async () => {
    await using impostor = await openImpostor((socket) => {
      socket.write(headOf(range))
      socket.end(body.subarray(0, LEAF_SIZE + 1000))
    })
    const sizes: number[] = []
    const reading = async () => {
      const chunks = onLoopback().fetch(PEER, impostor.offer, DIGEST, range, { signal })
      for await (const chunk of chunks) sizes.push(chunk.length)
    }
    await expect(reading()).rejects.toThrow('closed')
    expect(sizes).toEqual([LEAF_SIZE])
  })

  it('sends more than it said gives no byte more, and no other answer on that connection', async () => {
    await using impostor = await openImpostor((socket, request) => {
      answerRight(socket, request)
      socket.write(headOf(range) + 'x'.repeat(100_000))
    })
    const fetcher = onLoopback()
    for (let time = 0; time < 3; time++) {
      expect((await read(impostor.offer, fetcher)).sha256).toBe(sha256(body))
      await vi.waitFor(() => expect(impostor.connections[time]!.destroyed).toBe(true), PATIENCE)
    }
    expect(impostor.connections).toHaveLength(3)
  })

  it('sends without end is cut off', async () => {
    await using impostor = await openImpostor((socket, request) => {
      answerRight(socket, request)
      const more = (): void => {
        while (socket.writable && socket.write(body));
        socket.once('drain', more)
      }
      more()
    })
    expect((await read(impostor.offer)).sha256).toBe(sha256(body))
    await vi.waitFor(() => expect(impostor.connections[0]!.destroyed).toBe(true), PATIENCE)
  })

  it.each([
    ['before the head', () => {}],
    ['within the head', withHead('HTTP/1.1 206 ')],
    ['within the body', withHead(`${headOf(range)}abc`)],
  ])('stalls %s is left when the signal aborts', async (_, answer) => {
    await using impostor = await openImpostor(answer)
    const controller = new AbortController()
    const fetcher = onLoopback()
    const reading = readAll(fetcher.fetch(PEER, impostor.offer, DIGEST, range, { signal: controller.signal }))
    reading.catch(() => {}) // awaited below
    await vi.waitFor(() => expect(impostor.received()).toMatch(/\r\n\r\n$/), PATIENCE)
    await new Promise((resolve) => setTimeout(resolve, 50)) // what was answered arrives
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    await vi.waitFor(() => expect(impostor.connections[0]!.destroyed).toBe(true), PATIENCE)
    expect(fetcher.supports(PEER, impostor.offer)).toBe(true)
  })

  it('stalls before the handshake is left when the signal aborts, or in time', async () => {
    const server = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const offer = { size: 1, http: { port, certificate: 'ab'.repeat(32), ticket: 'ticket' } }
    const fetcher = onLoopback()
    const impatient = fetcher.fetch(PEER, offer, DIGEST, range, { signal: AbortSignal.timeout(100) })
    await expect(readAll(impatient)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(fetcher.supports(PEER, offer)).toBe(true)
    const bounds = useQuickTimeouts()
    await expect(read(offer, fetcher)).rejects.toThrow('cannot be reached')
    expect(bounds()).toEqual([3000])
    expect(fetcher.supports(PEER, offer)).toBe(false)
    server.close()
  })

  it('is not asked when the signal has aborted before', async () => {
    await using impostor = await openImpostor(answerRight)
    const aborted = { signal: AbortSignal.abort(new Error('enough')) }
    const fetcher = onLoopback()
    await expect(readAll(fetcher.fetch(PEER, impostor.offer, DIGEST, range, aborted))).rejects.toThrow(
      'enough',
    )
    await read(impostor.offer, fetcher)
    await expect(readAll(fetcher.fetch(PEER, impostor.offer, DIGEST, range, aborted))).rejects.toThrow(
      'enough',
    )
    expect(impostor.connections).toHaveLength(1)
  })

  it('stalls holds up those who wait for a connection only until their signal aborts', async () => {
    await using impostor = await openImpostor(() => {})
    const fetcher = onLoopback()
    const stalled = new AbortController()
    const stalling = Array.from({ length: 4 }, () =>
      readAll(fetcher.fetch(PEER, impostor.offer, DIGEST, range, { signal: stalled.signal })),
    )
    await expect(
      readAll(fetcher.fetch(PEER, impostor.offer, DIGEST, range, { signal: AbortSignal.timeout(100) })),
    ).rejects.toThrow('timeout')
    stalled.abort(new Error('enough'))
    expect((await Promise.allSettled(stalling)).map(({ status }) => status)).toEqual(
      Array(4).fill('rejected'),
    )
  })
})

describe('a reader that', () => {
  it('reads slowly makes the peer wait', async () => {
    let sent = 0
    const long = { start: 0, end: 256 * LEAF_SIZE - 1 }
    await using impostor = await openImpostor((socket) => {
      socket.write(headOf(long))
      const more = (): void => {
        while (sent < 128 && socket.write(body, () => sent++));
        if (sent < 128) socket.once('drain', more)
      }
      more()
    })
    const chunks = onLoopback().fetch(PEER, impostor.offer, DIGEST, long, { signal })[Symbol.asyncIterator]()
    await chunks.next()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(sent).toBeLessThan(16)
    await chunks.return!()
    await vi.waitFor(() => expect(impostor.connections[0]!.destroyed).toBe(true), PATIENCE)
  })
})
