/** Content for tests that push from within a page: made there, so that it need not be sent. Stands alone in the page. */

export interface Made {
  readonly seed: number
  readonly size: number
}

/** Gives pages `window.content(made)`, a Blob of the same bytes every time, and `window.digestOf(blob)`. */
export function provideContent(): void {
  Object.assign(window, { content, digestOf })

  function content({ seed, size }: Made): Blob {
    const words = new Uint32Array(Math.ceil(size / 4))
    let state = seed + 1
    for (let index = 0; index < words.length; index++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      words[index] = state
    }
    return new Blob([words]).slice(0, size)
  }

  async function digestOf(blob: Blob): Promise<string> {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))
    return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
  }
}

declare global {
  interface Window {
    content(made: Made): Blob
    digestOf(blob: Blob): Promise<string>
  }
}
