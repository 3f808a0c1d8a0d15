/** Peers that speak libp2p well and our protocol badly. */
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Peer } from '../../../../src/core/libp2p/peer.ts'
import { PROTOCOL } from '../../../../src/core/swarm/protocol/limits.ts'
import type { RequestHandler } from '../../../../src/core/swarm/serve/handler.ts'
import { addressOf, answerNull, openTestPeer } from './peers.ts'

const MEBIBYTE = 1024 * 1024

let honest: Peer
let hostile: Peer
let asked: unknown[]
let answer: RequestHandler

beforeEach(async () => {
  asked = []
  answer = answerNull
  honest = await openTestPeer()
  hostile = await openTestPeer()
  await honest.join((question, peer, options) => {
    asked.push(question)
    return answer(question, peer, options)
  })
})

afterEach(() => Promise.all([honest.close(), hostile.close()]))

describe('a request', () => {
  const open = async (): Promise<Stream> => {
    const connection = await hostile.helia.libp2p.dial(multiaddr(addressOf(honest)))
    return connection.newStream(PROTOCOL)
  }

  it.each([
    ['is too long', frame(65 * 1024, '')],
    ['is of a length that never ends', new Uint8Array(100).fill(0xff)],
    [
      'is of a length that overflows',
      Uint8Array.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
    ],
    ['is not JSON', frame(4, '{"a"')],
    ['is no UTF-8', Uint8Array.from([2, 0xc3, 0x28])],
    ['is empty', Uint8Array.from([0])],
  ])('that %s ends its stream, and is not answered', async (_, bytes) => {
    const stream = await open()
    const closed = closing(stream)
    stream.send(bytes)
    await closed
    expect(stream.status).toBe('reset')
    expect(asked).toEqual([])
  })

  it('that is followed by more ends its stream', async () => {
    answer = () => new Promise(() => {})
    const stream = await open()
    const closed = closing(stream)
    stream.send(frame(2, '{}'))
    stream.send(new Uint8Array(1000))
    await closed
    expect(stream.status).toBe('reset')
  })

  it('that does not come ends its stream, after a while', async () => {
    const stream = await open()
    const closed = closing(stream)
    stream.send(frame(8, '{"a"'))
    await closed
    expect(stream.status).toBe('reset')
  })

  it('that comes byte by byte gets a response', async () => {
    const stream = await open()
    const answered = new Promise<string>((resolve) => {
      stream.addEventListener('message', ({ data }) => resolve(new TextDecoder().decode(data.subarray())))
    })
    for (const byte of frame(8, '{"a":12}')) stream.send(Uint8Array.of(byte))
    expect(await answered).toContain('{"ok":null}')
    expect(asked).toEqual([{ a: 12 }])
  })

  it('is one of so many at once', async () => {
    answer = () => new Promise(() => {})
    const { libp2p } = hostile.helia
    const connections = [await libp2p.dial(multiaddr(addressOf(honest)))]
    connections.push(await libp2p.dial(multiaddr(addressOf(honest)), { force: true }))
    const streams: Stream[] = []
    for (let index = 0; index < 160; index++) {
      const stream = await connections[index % 2]!.newStream(PROTOCOL)
      if (stream.status === 'open') stream.send(frame(2, '{}'))
      streams.push(stream)
    }
    const refused = () => streams.filter(({ status }) => status === 'reset')
    await expect.poll(() => refused().length).toBe(160 - 128)
    await expect.poll(() => asked.length).toBe(128)
  })
})

describe('a response', () => {
  /** Asks the hostile peer, which does with the stream whatever it likes. */
  async function ask(behave: (stream: Stream) => void) {
    await hostile.helia.libp2p.handle(PROTOCOL, behave, { force: true })
    await honest.helia.libp2p.dial(multiaddr(addressOf(hostile)))
    return honest.network.request(hostile.network.self, {}, { signal: AbortSignal.timeout(50_000) })
  }

  it.each([
    ['too long', frame(2 * MEBIBYTE, '')],
    ['not JSON', frame(4, 'null{')],
    ['not a response', frame(4, '"ok"')],
    ['an error', frame(11, '{"error":1}')],
  ])('that is %s fails', async (_, bytes) => {
    await expect(ask((stream) => void stream.send(bytes))).rejects.toThrow(/^the peer sent a message/)
  })

  it('that ends early fails', async () => {
    const asking = ask(async (stream) => {
      stream.send(frame(100, '{"ok":'))
      await stream.close()
    })
    await expect(asking).rejects.toThrow('the peer closed the stream in the middle of a message')
  })

  it('that is endless takes no memory while nobody reads, even if the peer ignores the window', async () => {
    const { bytes } = await ask((stream) => {
      stream.send(frame(11, '{"ok":null}'))
      for (let sent = 0; sent < 64; sent++) stream.send(new Uint8Array(MEBIBYTE))
    })
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const [connection] = honest.helia.libp2p.getConnections()
    const held = connection!.streams.reduce((sum, stream) => sum + stream.readBufferLength, 0)
    expect(held).toBeLessThanOrEqual(8 * MEBIBYTE)
    let size = 0
    for await (const chunk of bytes) {
      size += chunk.byteLength
      if (size === 64 * MEBIBYTE) break
    }
    expect(size).toBe(64 * MEBIBYTE)
  })

  it('whose connection is lost fails, whatever had come', async () => {
    const { bytes } = await ask((stream) => {
      stream.send(frame(11, '{"ok":null}'))
      stream.send(new Uint8Array(1000))
    })
    const reading = Array.fromAsync(bytes)
    for (const connection of hostile.helia.libp2p.getConnections()) connection.abort(new Error('cut'))
    await expect(reading).rejects.toThrow()
  })
})

function frame(length: number, text: string): Uint8Array {
  const prefix: number[] = []
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      prefix.push(rest)
      break
    }
    prefix.push((rest % 128) + 128)
  }
  return Uint8Array.from([...prefix, ...new TextEncoder().encode(text)])
}

const closing = (stream: Stream): Promise<unknown> =>
  new Promise((resolve) => stream.addEventListener('close', resolve))
