/** Holds uploads of a page back until the test releases them, so that an import stops where the test wants it. */
import type { Page } from 'playwright'

declare global {
  interface Window {
    /** Uploads that may still be sent; the others wait. */
    uploadsLeft: number
    uploadsGone: number
    /** From now on, no upload is sent. */
    holdBlobs(): void
  }
}

/** Runs in each page before its scripts. */
export function holdUploads(): void {
  const { fetch } = window
  let holdsBlobs = false
  Object.assign(window, {
    uploadsLeft: 0,
    uploadsGone: 0,
    holdBlobs: () => {
      holdsBlobs = true
    },
  })
  window.fetch = async (...asked) => {
    const [request] = asked
    if (request instanceof Request) {
      if (request.method === 'PUT' && request.url.includes('/blobs/uploads/')) await leave(request.signal)
      if (holdsBlobs && request.method === 'GET' && request.url.includes('/blobs/sha256:'))
        await new Promise((_, reject) =>
          request.signal.addEventListener('abort', () => reject(request.signal.reason)),
        )
    }
    return fetch(...asked)
  }

  function leave(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      const look = () => {
        if (signal.aborted) return
        if (window.uploadsLeft === 0) return void setTimeout(look, 20)
        window.uploadsLeft--
        window.uploadsGone++
        resolve()
      }
      look()
    })
  }
}

/** Releases this many uploads, or all. */
export const letUploadsGo = (page: Page, count = Number.POSITIVE_INFINITY): Promise<void> =>
  page.evaluate((count) => {
    window.uploadsLeft = count
    window.uploadsGone = 0
  }, count)

/** Number of uploads that were sent since the last release. */
export const uploadsOf = (page: Page): Promise<number> => page.evaluate(() => window.uploadsGone)
