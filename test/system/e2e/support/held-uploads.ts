/** Uploads of a page that wait until they are let go, so that an import stands still where a test wants it. */
import type { Page } from 'playwright'

declare global {
  interface Window {
    /** Uploads that may still go; the others wait. */
    uploadsLeft: number
    uploadsGone: number
    /** From now on no blob comes. */
    holdBlobs(): void
  }
}

/** Runs in each page before its own scripts. */
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

/** So many of them, or all. */
export const letUploadsGo = (page: Page, count = Number.POSITIVE_INFINITY): Promise<void> =>
  page.evaluate((count) => {
    window.uploadsLeft = count
    window.uploadsGone = 0
  }, count)

/** How many have gone since some were let go. */
export const uploadsOf = (page: Page): Promise<number> => page.evaluate(() => window.uploadsGone)
