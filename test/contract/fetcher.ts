/**
 * What every {@link RangeFetcher} must do. Runs wherever the fetcher runs, so it uses web standards only. Ranges begin and
 * end with a leaf, as those that the swarm requests do.
 */

import { afterEach, describe, expect, it } from 'vitest'
import type { Bytes, Content } from '../../src/core/blobs/ports.ts'
import { LEAF_SIZE } from '../../src/core/leaf.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import { type ByteRange, lengthOf } from '../../src/core/oci/range.ts'
import type { PeerId, RangeFetcher } from '../../src/core/swarm/ports.ts'
import type { Offer } from '../../src/core/swarm/protocol/messages.ts'
import { joined, readAll, settled } from '../support/bytes.ts'

export interface OpenedFetcher {
  readonly fetcher: RangeFetcher
  /** A peer that provides the content, and what it offers. */
  readonly peer: PeerId
  readonly offer: Offer
  readonly digest: Digest
  close(): Promise<void>
}

export interface FetcherAbilities {
  /** Asks for its whole range at once, whatever the reader does. */
  readonly prefetches?: boolean
  /** Reads what is on this machine: no provider has to wait, breaks off or is released. */
  readonly isLocal?: boolean
  /** An offer that the peer can't be fetched from by; absent where every offer will do. */
  readonly unsupported?: Offer
}

/** A provider that does not wait for its reader has produced far more than this. */
const MAX_AHEAD_BYTES = 24 * LEAF_SIZE
const MUCH = 96 * LEAF_SIZE

const SIZE = 5 * LEAF_SIZE + 1234

export function describeFetcher(
  name: string,
  open: (content: Content) => Promise<OpenedFetcher>,
  { prefetches = false, isLocal = false, unsupported }: FetcherAbilities = {},
): void {
  describe(`${name} is a RangeFetcher`, () => {
    let opened: OpenedFetcher | undefined

    afterEach(async () => {
      await opened?.close()
      opened = undefined
    })

    async function fetchFrom(content: Content, range: ByteRange, signal = waiting()): Promise<Bytes> {
      opened ??= await open(content)
      const { fetcher, peer, offer, digest } = opened
      expect(fetcher.supports(peer, offer)).toBe(true)
      return fetcher.fetch(peer, offer, digest, range, { signal })
    }

    it.each([
      ['the first leaf', { start: 0, end: LEAF_SIZE - 1 }],
      ['leaves in the middle', { start: LEAF_SIZE, end: 3 * LEAF_SIZE - 1 }],
      ['the last leaf, which is short', { start: 5 * LEAF_SIZE, end: SIZE - 1 }],
      ['the whole blob', { start: 0, end: SIZE - 1 }],
    ])('gives %s, and no byte more', async (_, range) => {
      const received = await readAll(await fetchFrom(contentOf(SIZE), range))
      expect(received.length).toBe(lengthOf(range))
      expect(isPatternAt(received, range.start)).toBe(true)
    })

    it('gives ranges that are fetched at the same time', async () => {
      const content = contentOf(SIZE)
      const ranges = Array.from({ length: 5 }, (_, leaf) => leafRange(leaf))
      opened = await open(content)
      const all = await Promise.all(ranges.map(async (range) => readAll(await fetchFrom(content, range))))
      expect(all.map((bytes, leaf) => isPatternAt(bytes, leaf * LEAF_SIZE))).toEqual(ranges.map(() => true))
    })

    itIf(!isLocal)('reads nothing beyond the range from the provider', async () => {
      const content = contentOf(MUCH)
      await readAll(await fetchFrom(content, leafRange(1)))
      expect(content.produced).toBe(LEAF_SIZE)
    })

    itIf(!(prefetches || isLocal))('makes the provider wait for a reader that does not read', async () => {
      const content = contentOf(MUCH)
      const bytes = await fetchFrom(content, { start: 0, end: MUCH - 1 })
      const reader = bytes[Symbol.asyncIterator]()
      await reader.next()
      expect(await settled(() => content.produced)).toBeLessThan(MAX_AHEAD_BYTES)
      await reader.return?.()
    })

    itIf(!(prefetches || isLocal))('releases the provider when its reader leaves', async () => {
      const content = contentOf(MUCH)
      for await (const _ of await fetchFrom(content, { start: 0, end: MUCH - 1 })) break
      await expect.poll(() => content.isCancelled).toBe(true)
    })

    itIf(!isLocal)('ends with the signal while it waits for the provider', async () => {
      const content = contentOf(SIZE, { stopsAt: 0 })
      const control = new AbortController()
      const reading = readAll(await fetchFrom(content, leafRange(0), control.signal))
      await expect.poll(() => content.isRead).toBe(true)
      control.abort(new Error('changed my mind'))
      await expect(reading).rejects.toThrow('changed my mind')
    })

    itIf(!(prefetches || isLocal))(
      'ends with the signal while bytes come, and releases the provider',
      async () => {
        const content = contentOf(MUCH)
        const control = new AbortController()
        const bytes = await fetchFrom(content, { start: 0, end: MUCH - 1 }, control.signal)
        const reading = (async () => {
          for await (const _ of bytes) control.abort(new Error('changed my mind'))
        })()
        await expect(reading).rejects.toThrow('changed my mind')
        await expect.poll(() => content.isCancelled).toBe(true)
      },
    )

    it('ends with a signal that has aborted before', async () => {
      const content = contentOf(SIZE)
      opened = await open(content)
      const before = content.produced
      const signal = AbortSignal.abort(new Error('changed my mind'))
      await expect(readAll(await fetchFrom(content, leafRange(0), signal))).rejects.toThrow('changed my mind')
      expect(content.produced).toBe(before)
    })

    itIf(!isLocal)(
      'fails where the provider breaks off, and gives no byte that it did not send',
      async () => {
        const content = contentOf(SIZE, { failsAt: LEAF_SIZE + 1000 })
        const received: Uint8Array[] = []
        const reading = (async () => {
          const bytes = await fetchFrom(content, { start: 0, end: 3 * LEAF_SIZE - 1 })
          for await (const chunk of bytes) received.push(chunk.slice())
        })()
        await expect(reading).rejects.toThrow()
        const bytes = joined(received)
        expect(bytes.length).toBeLessThanOrEqual(LEAF_SIZE + 1000)
        expect(isPatternAt(bytes, 0)).toBe(true)
      },
    )

    itIf(unsupported !== undefined)('does not support a peer that does not offer it', async () => {
      opened = await open(contentOf(SIZE))
      expect(opened.fetcher.supports(opened.peer, unsupported!)).toBe(false)
    })
  })
}

/** Defines a test only for the fetchers that it concerns: a skipped one would say that something was not tried. */
const itIf = (applies: boolean) => (applies ? it : () => {})

const waiting = (): AbortSignal => AbortSignal.timeout(30_000)

const leafRange = (leaf: number): ByteRange => ({ start: leaf * LEAF_SIZE, end: (leaf + 1) * LEAF_SIZE - 1 })

interface TestContent extends Content {
  /** Bytes that have been read from it. */
  readonly produced: number
  readonly isRead: boolean
  /** Whether a stream of it was left before its end. */
  readonly isCancelled: boolean
}

interface Trouble {
  /** The offset at which nothing more comes. */
  readonly stopsAt?: number
  /** The offset at which reading fails. */
  readonly failsAt?: number
}

const CHUNK = 64 * 1024

const byteAt = (offset: number): number => (offset ^ (offset >> 8) ^ (offset >> 16)) & 0xff

/** A blob whose bytes follow from their offsets, made as they are read. */
function contentOf(size: number, { stopsAt = size, failsAt = size }: Trouble = {}): TestContent {
  function stream({ start, end }: ByteRange = { start: 0, end: size - 1 }): ReadableStream<Uint8Array> {
    let offset = start
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          content.isRead = true
          if (offset > end) return controller.close()
          if (offset >= failsAt) return controller.error(new Error('the disk is gone'))
          if (offset >= stopsAt) return new Promise(() => {})
          const limits = [stopsAt, failsAt].filter((limit) => limit > offset)
          const next = Math.min(offset + CHUNK, end + 1, ...limits)
          const chunk = new Uint8Array(next - offset)
          for (let index = 0; index < chunk.length; index++) chunk[index] = byteAt(offset + index)
          offset = next
          content.produced += chunk.length
          controller.enqueue(chunk)
        },
        cancel() {
          content.isCancelled = true
        },
      },
      { highWaterMark: 0 },
    )
  }

  const content = { size, stream, produced: 0, isRead: false, isCancelled: false }
  return content
}

const isPatternAt = (bytes: Uint8Array, start: number): boolean =>
  bytes.every((byte, index) => byte === byteAt(start + index))
