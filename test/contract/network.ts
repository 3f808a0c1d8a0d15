/**
 * What every {@link Network} must do. Runs wherever the network runs, so it uses web standards only.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { Bytes } from '../../src/core/blobs/ports.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import type { Network } from '../../src/core/swarm/ports.ts'
import type { RequestHandler } from '../../src/core/swarm/serve/handler.ts'

export interface OpenedNetworks {
  /** All connected to each other, and ready to provide. */
  readonly networks: readonly Network[]
  /** Sets how a peer responds. Until then, it responds with `null`. */
  answerWith(peer: Network, answer: RequestHandler): void
  /** The peer disconnects, whatever it is doing. */
  leave(peer: Network): Promise<void>
  close(): Promise<void>
}

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE

/** A peer that does not wait for its reader has produced far more than this. */
const MAX_AHEAD = 24 * MEBIBYTE
const MUCH = 96 * MEBIBYTE

const DIGEST = `sha256:${'5e'.repeat(32)}` as Digest
const OTHER_DIGEST = `sha512:${'a1'.repeat(64)}` as Digest

export interface NetworkAbilities {
  /** The first of the networks has no DHT and no key: it only sends requests. */
  readonly asksOnly?: boolean
}

export function describeNetwork(
  name: string,
  open: (peers: number) => Promise<OpenedNetworks>,
  { asksOnly = false }: NetworkAbilities = {},
): void {
  describe(`${name} is a Network`, () => {
    let opened: OpenedNetworks | undefined

    afterEach(() => opened?.close())

    async function openPair(answer?: RequestHandler): Promise<[requester: Network, responder: Network]> {
      opened = await open(2)
      const [requester, responder] = opened.networks as [Network, Network]
      if (answer) opened.answerWith(responder, answer)
      return [requester, responder]
    }

    it('names itself and the peers that are connected', async () => {
      opened = await open(3)
      const ids = opened.networks.map(({ self }) => self)
      expect(new Set(ids).size).toBe(3)
      for (const { self, peers } of opened.networks) {
        expect([...peers()].sort()).toEqual(ids.filter((id) => id !== self).sort())
      }
    })

    describe('ask', () => {
      it('carries the request with the id of the requester, and the response', async () => {
        const response: unknown[] = []
        const [requester, responder] = await openPair(async (message, peer) => {
          response.push(message, peer)
          return { value: { text: 'ja, größer', list: [1, null] } }
        })
        const { value, bytes } = await send(requester, responder, { send: 'have', digests: [DIGEST] })
        expect(value).toEqual({ text: 'ja, größer', list: [1, null] })
        expect(await sizeOf(bytes)).toBe(0)
        expect(response).toEqual([{ send: 'have', digests: [DIGEST] }, requester.self])
      })

      it('carries responses of many chunks', async () => {
        const value = {
          offers: Array.from({ length: 256 }, (_, index) => ({ size: index, root: 'b'.repeat(59) })),
        }
        const [requester, responder] = await openPair(async () => ({ value }))
        expect((await send(requester, responder, {})).value).toEqual(value)
      })

      it('carries bytes', async () => {
        const pieces = [1, 70_000, 0, MEBIBYTE, 3, 300 * KIBIBYTE].map(patternOf)
        const [requester, responder] = await openPair(async () => ({ value: null, body: copiesOf(pieces) }))
        const { bytes } = await send(requester, responder, {})
        const received: number[] = []
        for await (const chunk of bytes) {
          for (const byte of chunk) received.push(byte)
          // As whoever takes a chunk may do that shares its memory with no other.
          if (chunk.byteLength === chunk.buffer.byteLength) (chunk.buffer as ArrayBuffer).transfer()
        }
        expect(received.join()).toBe(pieces.flatMap((piece) => [...piece]).join())
      })

      it('carries many requests at the same time', async () => {
        const [requester, responder] = await openPair(async (message) => ({ value: message }))
        const numbers = Array.from({ length: 40 }, (_, index) => index)
        const replies = await Promise.all(numbers.map((number) => send(requester, responder, { number })))
        expect(replies.map(({ value }) => value)).toEqual(numbers.map((number) => ({ number })))
      })

      it('makes the peer wait for a reader that does not read', async () => {
        const body = endless(MUCH)
        const [requester, responder] = await openPair(async () => ({ value: null, body }))
        const { bytes } = await send(requester, responder, {})
        expect(await settled(() => body.produced)).toBeLessThan(MAX_AHEAD)
        expect(await sizeOf(bytes)).toBe(MUCH)
      })

      it('cancels bytes that nobody begins to read', async () => {
        const body = endless(MUCH)
        const [requester, responder] = await openPair(async () => ({ value: null, body }))
        const { bytes } = await send(requester, responder, {})
        await bytes[Symbol.asyncIterator]().return!()
        await expect.poll(() => body.isCancelled).toBe(true)
      })

      it('cancels bytes that are read in part', async () => {
        const body = endless(MUCH)
        const [requester, responder] = await openPair(async () => ({ value: null, body }))
        const { bytes } = await send(requester, responder, {})
        for await (const _ of bytes) break
        await expect.poll(() => body.isCancelled).toBe(true)
        expect(body.produced).toBeLessThan(MUCH)
      })

      it('ends with the signal while the peer prepares its response', async () => {
        const thinking = Promise.withResolvers<AbortSignal>()
        const [requester, responder] = await openPair((_message, _peer, { signal }) => {
          thinking.resolve(signal)
          return new Promise(() => {})
        })
        const controller = new AbortController()
        const response = requester.request(responder.self, {}, controller)
        const signal = await thinking.promise
        controller.abort(new Error('changed my mind'))
        await expect(response).rejects.toThrow('changed my mind')
        await expect.poll(() => signal.aborted).toBe(true)
      })

      it('ends with the signal while bytes come', async () => {
        const body = endless(MUCH)
        const [requester, responder] = await openPair(async () => ({ value: null, body }))
        const controller = new AbortController()
        const { bytes } = await requester.request(responder.self, {}, controller)
        const reading = (async () => {
          for await (const _ of bytes) controller.abort(new Error('changed my mind'))
        })()
        await expect(reading).rejects.toThrow('changed my mind')
        await expect.poll(() => body.isCancelled).toBe(true)
      })

      it('sends nothing with a signal that has aborted', async () => {
        let isCalled = false
        const [requester, responder] = await openPair(async () => {
          isCalled = true
          return { value: null }
        })
        const signal = AbortSignal.abort(new Error('changed my mind'))
        await expect(requester.request(responder.self, {}, { signal })).rejects.toThrow('changed my mind')
        expect(isCalled).toBe(false)
      })

      it('fails if the peer cannot respond, and carries the next request', async () => {
        const [requester, responder] = await openPair(async (message) => {
          if ((message as { fail: boolean }).fail) throw new Error('no such request')
          return { value: 'well' }
        })
        await expect(send(requester, responder, { fail: true })).rejects.toThrow()
        expect((await send(requester, responder, { fail: false })).value).toBe('well')
      })

      it('fails instead of ending if the bytes of the peer break off', async () => {
        async function* body() {
          yield patternOf(100_000)
          throw new Error('the disk is gone')
        }
        const [requester, responder] = await openPair(async () => ({ value: null, body: body() }))
        await expect(send(requester, responder, {}).then(({ bytes }) => sizeOf(bytes))).rejects.toThrow()
      })

      it('fails for an unknown peer', async () => {
        const [requester] = await openPair()
        const stranger = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
        await expect(
          requester.request(stranger, {}, { signal: AbortSignal.timeout(20_000) }),
        ).rejects.toThrow()
      })

      it('fails if the peer leaves before it responds', async () => {
        const thinking = Promise.withResolvers<void>()
        const [requester, responder] = await openPair(() => {
          thinking.resolve()
          return new Promise(() => {})
        })
        const response = send(requester, responder, {})
        response.catch(() => {})
        await thinking.promise
        await opened!.leave(responder)
        await expect(response).rejects.toThrow()
        await expect.poll(() => requester.peers()).toEqual([])
      })

      it('fails if the peer leaves in the middle of its bytes', async () => {
        const [requester, responder] = await openPair(async () => ({ value: null, body: endless(MUCH) }))
        const { bytes } = await send(requester, responder, {})
        const leaving = opened!.leave(responder)
        await expect(sizeOf(bytes)).rejects.toThrow()
        await leaving
      })
    })

    if (asksOnly) return

    describe('findProviders', () => {
      it('finds providers, by digests of every algorithm', async () => {
        opened = await open(3)
        const [first, second, third] = opened.networks as [Network, Network, Network]
        await first.provide(DIGEST, inTime())
        await first.provide(OTHER_DIGEST, inTime())
        await second.provide(OTHER_DIGEST, inTime())
        expect(await providers(third, DIGEST)).toEqual([first.self])
        expect(await providers(third, OTHER_DIGEST)).toEqual([first.self, second.self].sort())
      })

      it('ends if there are no providers', async () => {
        opened = await open(3)
        expect(await providers(opened.networks[0]!, DIGEST)).toEqual([])
      })

      it('ends for a peer that is alone', async () => {
        opened = await open(1)
        expect(await providers(opened.networks[0]!, DIGEST)).toEqual([])
      })

      it('ends with the signal, without an error', async () => {
        opened = await open(2)
        const signal = AbortSignal.abort()
        expect(await Array.fromAsync(opened.networks[0]!.findProviders(DIGEST, { signal }))).toEqual([])
      })
    })

    describe('sign', () => {
      it('makes signatures that every peer can verify', async () => {
        const [one, other] = await openPair()
        const signature = await one.sign(patternOf(100))
        expect(await other.verify(one.self, patternOf(100), signature)).toBe(true)
        expect(await other.verify(one.self, patternOf(101), signature)).toBe(false)
        expect(await other.verify(other.self, patternOf(100), signature)).toBe(false)
      })

      it('rejects hostile signatures', async () => {
        const [one, other] = await openPair()
        const signature = await one.sign(patternOf(100))
        expect(await other.verify('', patternOf(100), signature)).toBe(false)
        expect(await other.verify('nobody', patternOf(100), signature)).toBe(false)
        expect(await other.verify(one.self, patternOf(100), new Uint8Array())).toBe(false)
        expect(await other.verify(one.self, patternOf(100), signature.subarray(1))).toBe(false)
      })
    })
  })
}

const inTime = () => ({ signal: AbortSignal.timeout(30_000) })

const send = (requester: Network, responder: Network, message: unknown) =>
  requester.request(responder.self, message, inTime())

const providers = async (network: Network, digest: Digest): Promise<string[]> =>
  (await Array.fromAsync(network.findProviders(digest, inTime()))).sort()

const patternOf = (size: number): Uint8Array => new Uint8Array(size).map((_, index) => index % 251)

async function* copiesOf(pieces: readonly Uint8Array[]): Bytes & AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield new Uint8Array(piece)
}

async function sizeOf(bytes: Bytes): Promise<number> {
  let size = 0
  for await (const chunk of bytes) size += chunk.byteLength
  return size
}

/** So many bytes. They count how many of them were read, and note whether the reader cancelled them. */
function endless(size: number): Bytes & { readonly produced: number; readonly isCancelled: boolean } {
  const body = {
    produced: 0,
    isCancelled: false,
    async *[Symbol.asyncIterator]() {
      try {
        while (body.produced < size) {
          body.produced += 64 * KIBIBYTE
          yield new Uint8Array(64 * KIBIBYTE)
        }
      } finally {
        body.isCancelled = true
      }
    },
  }
  return body
}

/** A number, once it has not changed for a while. */
async function settled(value: () => number): Promise<number> {
  for (;;) {
    const before = value()
    await new Promise((resolve) => setTimeout(resolve, 300))
    if (value() === before) return before
  }
}
