import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type RequestOptions, request } from 'node:https'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import { LEAF_SIZE } from '../../../../src/core/leaf.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { createHttpsFetcher } from '../../../../src/node/bulk/fetch-by-https.ts'
import { PATIENCE } from '../../../support/patience.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { DIGEST, fileOf, onLoopback, openPeer, PEER, readAll, sha256, zeros } from './peer.ts'

const { signal } = new AbortController()

const bytes = randomBytes(3 * LEAF_SIZE + 123)
const LAST = bytes.length - 1

const RANGES: readonly (readonly [start: number, end: number])[] = [
  [0, 0],
  [0, 1],
  [LAST, LAST],
  [0, LAST],
  [0, LEAF_SIZE - 2],
  [0, LEAF_SIZE - 1],
  [0, LEAF_SIZE],
  [LEAF_SIZE, 2 * LEAF_SIZE - 1],
  [LEAF_SIZE, LAST],
  [2 * LEAF_SIZE, 3 * LEAF_SIZE + 5],
  [3 * LEAF_SIZE, LAST],
  [1, 16_384],
  [12_345, 12_345 + 2 * LEAF_SIZE],
  [LEAF_SIZE - 1, LEAF_SIZE],
]

/** The status and the headers of one bare request, on a connection of its own. */
async function ask(port: number, options: RequestOptions): Promise<[number, Record<string, unknown>]> {
  const sent = request({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, ...options }).end()
  const [response] = await once(sent, 'response')
  response.resume()
  await once(response, 'end')
  return [response.statusCode, response.headers]
}

const bearer = (ticket: string) => ({ Authorization: `Bearer ${ticket}` })

describe('a range', () => {
  it.each(RANGES)('%i-%i of a file arrives leaf by leaf', async (start, end) => {
    await using folder = await openTemporaryFolder()
    await using peer = await openPeer(await fileOf(folder.path, bytes))
    const { sizes, sha256: received } = await readAll(
      onLoopback().fetch(PEER, peer.offer, DIGEST, { start, end }, { signal }),
    )
    expect(received).toBe(sha256(bytes.subarray(start, end + 1)))
    expect(sizes.slice(0, -1).every((size) => size === LEAF_SIZE)).toBe(true)
    expect(sizes).toHaveLength(Math.ceil((end - start + 1) / LEAF_SIZE))
  })

  it('of a blob in memory arrives', async () => {
    const upload = await createMemoryDisk().create()
    await upload.append(
      (async function* () {
        yield bytes
      })(),
    )
    await using peer = await openPeer(await upload.commit(`sha256:${sha256(bytes)}` as Digest))
    const range = { start: 1000, end: 2_000_000 }
    const { sha256: received } = await readAll(
      onLoopback().fetch(PEER, peer.offer, DIGEST, range, { signal }),
    )
    expect(received).toBe(sha256(bytes.subarray(1000, 2_000_001)))
  })

  it('that ends behind the blob is clipped', async () => {
    await using folder = await openTemporaryFolder()
    await using peer = await openPeer(await fileOf(folder.path, bytes))
    const range = { start: 3 * LEAF_SIZE, end: 4 * LEAF_SIZE - 1 }
    const { sizes } = await readAll(onLoopback().fetch(PEER, peer.offer, DIGEST, range, { signal }))
    expect(sizes).toEqual([123])
  })

  it('transfers many blobs at once', async () => {
    await using folder = await openTemporaryFolder()
    const sent: number[] = []
    const received: number[] = []
    await using peer = await openPeer(await fileOf(folder.path, bytes), {
      onSent: (_, length) => sent.push(length),
    })
    const fetcher = createHttpsFetcher({
      hostsOf: () => ['127.0.0.1'],
      onReceived: (_, length) => received.push(length),
    })
    const all = RANGES.map(([start, end]) =>
      readAll(fetcher.fetch(PEER, peer.offer, DIGEST, { start, end }, { signal })),
    )
    const expected = RANGES.map(([start, end]) => sha256(bytes.subarray(start, end + 1)))
    expect((await Promise.all(all)).map((one) => one.sha256)).toEqual(expected)
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
    expect(sum(received)).toBe(sum(RANGES.map(([start, end]) => end - start + 1)))
    await vi.waitFor(() => expect(sum(sent)).toBe(sum(received)), PATIENCE)
  })

  it('arrives over IPv6', async () => {
    await using folder = await openTemporaryFolder()
    await using peer = await openPeer(await fileOf(folder.path, bytes), { host: '::1' })
    const fetcher = createHttpsFetcher({ hostsOf: () => ['::1'] })
    const { sha256: received } = await readAll(
      fetcher.fetch(PEER, peer.offer, DIGEST, { start: 0, end: LAST }, { signal }),
    )
    expect(received).toBe(sha256(bytes))
  })
})

describe('the bulk server', () => {
  it('responds 401 without a valid ticket, for any path', async () => {
    await using peer = await openPeer(zeros(10))
    const path = `/blobs/${DIGEST}`
    const paths = [path, '/', '/v2/', '/blobs/x']
    const headers = [{}, bearer('AAAAAAAAAAAAAAAAAAAAAA'), { Authorization: 'Basic YTpi' }, bearer('')]
    for (const header of headers) {
      for (const path of paths) expect((await ask(peer.port, { path, headers: header }))[0]).toBe(401)
    }
  })

  it('answers 404 to what is not shared and to every other path', async () => {
    await using peer = await openPeer(undefined)
    const headers = bearer(peer.offer.http!.ticket)
    const paths = [
      `/blobs/${DIGEST}`,
      '/blobs/sha256:1',
      '/v2/',
      '/',
      '/blobs/',
      `/blobs/${DIGEST}/`,
      '/blobs/../x',
    ]
    for (const path of paths) expect((await ask(peer.port, { path, headers }))[0]).toBe(404)
  })

  it('asks anew for each request whether a blob is shared', async () => {
    let isShared = true
    await using peer = await openPeer(undefined, {
      blobs: async () => (isShared ? zeros(10) : undefined),
    })
    const fetcher = onLoopback()
    const fetch = () => readAll(fetcher.fetch(PEER, peer.offer, DIGEST, { start: 0, end: 9 }, { signal }))
    expect((await fetch()).sizes).toEqual([10])
    isShared = false
    await expect(fetch()).rejects.toThrow('404')
    expect(fetcher.supports(PEER, peer.offer)).toBe(true)
  })

  it.each([
    ['bytes=2-5', 206, '4', 'bytes 2-5/10'],
    ['bytes=-3', 206, '3', 'bytes 7-9/10'],
    ['bytes=10-', 416, '0', 'bytes */10'],
    ['bytes=1-2,4-5', 200, '10', undefined],
    ['lines=1-2', 200, '10', undefined],
    [undefined, 200, '10', undefined],
  ])('answers Range: %s with %i', async (range, status, length, contentRange) => {
    await using peer = await openPeer(zeros(10))
    const headers = { ...bearer(peer.offer.http!.ticket), ...(range && { Range: range }) }
    const [actual, answered] = await ask(peer.port, { path: `/blobs/${DIGEST}`, headers })
    expect([actual, answered['content-length'], answered['content-range']]).toEqual([
      status,
      length,
      contentRange,
    ])
  })

  it('answers 405 to other methods', async () => {
    await using peer = await openPeer(zeros(10))
    const headers = bearer(peer.offer.http!.ticket)
    for (const method of ['HEAD', 'PUT', 'DELETE']) {
      expect((await ask(peer.port, { path: `/blobs/${DIGEST}`, method, headers }))[0]).toBe(405)
    }
  })

  it('answers 500 without a word about it where the blob cannot be read', async () => {
    await using peer = await openPeer(undefined, { blobs: () => Promise.reject(new Error('disk')) })
    const headers = bearer(peer.offer.http!.ticket)
    expect((await ask(peer.port, { path: `/blobs/${DIGEST}`, headers }))[0]).toBe(500)
  })

  it('gives one peer no more than 16 connections', async () => {
    const { promise: found, resolve } = Promise.withResolvers<undefined>()
    await using peer = await openPeer(undefined, { blobs: () => found })
    const options = { path: `/blobs/${DIGEST}`, headers: bearer(peer.offer.http!.ticket) }
    const statuses = Array.from({ length: 17 }, async () => (await ask(peer.port, options))[0])
    expect(await Promise.race(statuses)).toBe(429)
    resolve(undefined)
    expect((await Promise.all(statuses)).filter((status) => status === 404)).toHaveLength(16)
  })

  it('sends no more than is read', async () => {
    const content = zeros(256 * LEAF_SIZE)
    await using peer = await openPeer(content)
    const range = { start: 0, end: content.size - 1 }
    const reader = onLoopback().fetch(PEER, peer.offer, DIGEST, range, { signal })[Symbol.asyncIterator]()
    await reader.next()
    let before = -1
    while (before !== content.given()) {
      before = content.given()
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(content.given()).toBeLessThan(64 * LEAF_SIZE)
    let total = LEAF_SIZE
    for (let next = await reader.next(); !next.done; next = await reader.next()) total += next.value.length
    expect(total).toBe(content.size)
  })

  it('cuts a reader that takes nothing', async () => {
    const content = zeros(256 * LEAF_SIZE)
    await using peer = await openPeer(content, { idleTimeout: 300 })
    const begin = () => {
      const socket = connectTls({ host: '127.0.0.1', port: peer.port, rejectUnauthorized: false })
      socket.on('error', () => {})
      socket.write(
        `GET /blobs/${DIGEST} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${peer.offer.http!.ticket}\r\n\r\n`,
      )
      return socket
    }
    // On a busy machine it may be cut before it has asked.
    while (content.given() === 0) {
      const socket = begin()
      await Promise.race([content.cancelled, once(socket, 'close')])
      socket.destroy()
    }
    await content.cancelled
  })

  it('stops reading a blob when the peer goes', async () => {
    const content = zeros(256 * LEAF_SIZE)
    await using peer = await openPeer(content)
    const range = { start: 0, end: content.size - 1 }
    for await (const _ of onLoopback().fetch(PEER, peer.offer, DIGEST, range, { signal })) break
    await content.cancelled
  })

  it('closes with connections of every kind open', async () => {
    await using peer = await openPeer(zeros(256 * LEAF_SIZE))
    const silent = connect(peer.port, '127.0.0.1')
    await once(silent, 'connect')
    silent.on('error', () => {})
    const idle = onLoopback()
    await readAll(idle.fetch(PEER, peer.offer, DIGEST, { start: 0, end: 9 }, { signal }))
    const range = { start: 0, end: 256 * LEAF_SIZE - 1 }
    const reader = onLoopback().fetch(PEER, peer.offer, DIGEST, range, { signal })[Symbol.asyncIterator]()
    await reader.next()
    await peer.close()
    const rest = async () => {
      while (!(await reader.next()).done);
    }
    await expect(rest()).rejects.toThrow()
    silent.destroy()
  })
})
