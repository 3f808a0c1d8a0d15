/**
 * A reader that fills memory of its caller. Safari has had them since 26.4; before, what comes in chunks is copied.
 *
 * @see https://streams.spec.whatwg.org/#byob-reader-class
 */
export interface FillingReader {
  /** Fills the beginning of `view`, whose memory moves to `value`: empty at the end, missing after `cancel()`. */
  read(view: Uint8Array<ArrayBuffer>): Promise<{ readonly value?: Uint8Array<ArrayBuffer> | undefined }>
  cancel(): Promise<void>
}

export const openByobReader = (body: ReadableStream<Uint8Array>): FillingReader =>
  'ReadableStreamBYOBReader' in globalThis ? body.getReader({ mode: 'byob' }) : new CopyingReader(body)

export class CopyingReader implements FillingReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #rest: Uint8Array = new Uint8Array()
  #isCancelled = false

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
  }

  async read(view: Uint8Array<ArrayBuffer>): Promise<{ value?: Uint8Array<ArrayBuffer> }> {
    while (this.#rest.byteLength === 0) {
      const { value, done } = await this.#reader.read()
      if (this.#isCancelled) return {}
      if (done) return { value: view.subarray(0, 0) }
      this.#rest = value
    }
    const piece = this.#rest.subarray(0, view.byteLength)
    this.#rest = this.#rest.subarray(piece.byteLength)
    view.set(piece)
    return { value: view.subarray(0, piece.byteLength) }
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true
    await this.#reader.cancel()
  }
}
