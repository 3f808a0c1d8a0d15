/**
 * `GET /flotilla/page-address`: at which address the page should be opened, and where else images may be stored. The
 * server is asked, and told whether images are stored here, as a browser tells a page of no other address.
 */
import { jsonResponse, type RegistryRequest, type RegistryResponse } from '../../core/http/message.ts'

export interface PageAddressParts {
  /** Where the page comes from. */
  readonly origin: string
  /** Whether images are stored at this address. */
  hasImages(): Promise<boolean>
}

/** Milliseconds for the server's answer. */
const TIMEOUT = 5000

export function createPageAddress({ origin, hasImages }: PageAddressParts) {
  /** Nothing where the server is away, or is none of ours. */
  async function askServer(images: boolean): Promise<object> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT)
      const url = `${origin}/flotilla/page-address?images=${images}`
      const response = await fetch(url, { method: 'POST', redirect: 'error', signal })
      return response.ok ? await response.json() : {}
    } catch {
      return {}
    }
  }

  return async ({ target, method }: RegistryRequest): Promise<RegistryResponse | undefined> => {
    if (target !== '/flotilla/page-address' || method !== 'GET') return undefined
    const images = await hasImages()
    return jsonResponse(200, { images, ...(await askServer(images)) }, { 'Cache-Control': 'no-store' })
  }
}
