/** A peer that has one blob, honest or not: each test bends what it would say. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { rootOf } from '../../../../src/core/dag/dag.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import type { Offer } from '../../../../src/core/swarm/protocol/messages.ts'
import type { TestHandler, TestResponse } from '../../../support/memory-network.ts'

export const MIB = 1024 * 1024

export interface Range {
  readonly start: number
  readonly end: number
}

export interface Bent {
  /** What it says that it has. */
  readonly content?: Uint8Array
  /** What it sends. */
  readonly sent?: Uint8Array
  readonly chunk?: number
  have?(offer: Offer): unknown
  leaves?(said: TestResponse): TestResponse | Promise<TestResponse>
  range?(range: Range, said: TestResponse): TestResponse | Promise<TestResponse>
  /** Milliseconds before each chunk. */
  readonly pause?: number
}

export interface Seeder {
  readonly answer: TestHandler
  /** Bytes that were asked for. */
  asked: number
  /** Bytes that went out. */
  given: number
}

/** Bytes that differ from place to place, and from seed to seed. */
export function bytesOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  const words = new Uint32Array(bytes.buffer, 0, size >> 2)
  let state = seed * 2_654_435_761
  for (let index = 0; index < words.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[index] = state
  }
  if (size % 4) bytes[size - 1] = seed
  return bytes
}

export const digestOf = (bytes: Uint8Array, algorithm = 'sha256') =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest

export function leavesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const hashes = []
  for (let start = 0; start < bytes.length; start += MIB)
    hashes.push(
      createHash('sha256')
        .update(bytes.subarray(start, start + MIB))
        .digest(),
    )
  return new Uint8Array(Buffer.concat(hashes))
}

export function seederOf(bytes: Uint8Array, digest: Digest, bent: Bent = {}): Seeder {
  const content = bent.content ?? bytes
  const sent = bent.sent ?? content
  const leaves = leavesOf(content)
  const root = rootOf(leaves, content.length).then(String)

  async function* send({ start, end }: Range): AsyncGenerator<Uint8Array> {
    const size = bent.chunk ?? 256 * 1024
    for (let at = start; at <= end; at += size) {
      if (bent.pause) await sleep(bent.pause)
      const chunk = sent.slice(at, Math.min(at + size, end + 1))
      seeder.given += chunk.length
      yield chunk
    }
  }

  async function say(question: { ask: string; digests: Digest[] } & Range): Promise<TestResponse> {
    const offer = { size: content.length, root: await root }
    if (question.ask === 'have') {
      const mine = bent.have ? bent.have(offer) : offer
      return { value: { offers: question.digests.map((asked) => (asked === digest ? mine : null)) } }
    }
    if (question.ask === 'leaves') {
      const said = { value: { ...offer, leaves: leaves.length / 32 }, body: once(leaves) }
      return bent.leaves ? bent.leaves(said) : said
    }
    const { start, end } = question
    seeder.asked += end - start + 1
    const said = { value: { size: content.length, length: end - start + 1 }, body: send({ start, end }) }
    return bent.range ? bent.range({ start, end }, said) : said
  }

  const seeder: Seeder = { answer: say as TestHandler, asked: 0, given: 0 }
  return seeder
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

export async function* never(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {})
}
