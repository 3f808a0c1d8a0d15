/**
 * A response while it arrives: its head, then its body in buffers of one leaf each, which the kernel's bytes are
 * decrypted right into. Apart from the connection because it knows nothing of sockets.
 */
import { LEAF_SIZE } from '../../core/leaf.ts'
import type { ByteRange } from '../../core/oci/range.ts'
import { parseResponseHead } from './response-head.ts'

export class IncomingResponse {
  /** The connection serves for another request after this one. */
  keepAlive = false
  readonly #asked: ByteRange
  /** What is being filled: at first the head, then leaf after leaf. */
  #buffer: Uint8Array
  #filled = 0
  /** Bytes of the body that no buffer was made for yet; `undefined` before the head has come. */
  #left: number | undefined
  readonly #leaves: Uint8Array[] = []
  #failure: Error | undefined
  #wake = (): void => {}

  /** @param head - memory for the head, which must fit into it */
  constructor(asked: ByteRange, head: Uint8Array) {
    this.#asked = asked
    this.#buffer = head
  }

  /** Where the next bytes belong. Empty when all have come. */
  get space(): Uint8Array {
    return this.#buffer.subarray(this.#filled)
  }

  /** All has come, though it may not have been read. */
  get isComplete(): boolean {
    return this.#left === 0 && this.#buffer.length === 0
  }

  /** Leaves that nobody has read yet. */
  get unread(): number {
    return this.#leaves.length
  }

  /**
   * The first `length` bytes of {@link space} are there.
   *
   * @throws Error where the peer sends what it must not
   */
  take(length: number): void {
    this.#filled += length
    if (this.#left === undefined) this.#readHead()
    else if (this.#filled === this.#buffer.length) this.#finishLeaf()
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  /** The next leaf, handed over; `undefined` after the last. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const leaf = this.#leaves.shift()
      if (leaf || this.isComplete) return leaf
      if (this.#failure) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #readHead(): void {
    const bytes = Buffer.from(this.#buffer.buffer, this.#buffer.byteOffset, this.#filled)
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) {
      if (this.#filled === this.#buffer.length)
        throw new Error('the response of the peer has no end of its head')
      return
    }
    const { length, keepAlive } = parseResponseHead(bytes.toString('latin1', 0, end), this.#asked)
    this.keepAlive = keepAlive
    this.#left = length
    this.#startLeaf()
    this.#copy(bytes.subarray(end + 4))
  }

  /** The part of the body that came together with the head. */
  #copy(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0; ) {
      const part = rest.subarray(0, this.space.length)
      if (part.length === 0) throw new Error('the peer sends more than it was asked for')
      this.space.set(part)
      this.take(part.length)
      rest = rest.subarray(part.length)
    }
  }

  /** Each in memory of its own, not cleared: whoever gets it may free it. Empty after the last. */
  #startLeaf(): void {
    const length = Math.min(LEAF_SIZE, this.#left!)
    this.#left! -= length
    this.#buffer = Buffer.allocUnsafeSlow(length)
    this.#filled = 0
  }

  #finishLeaf(): void {
    this.#leaves.push(this.#buffer)
    this.#startLeaf()
    this.#wake()
  }
}
