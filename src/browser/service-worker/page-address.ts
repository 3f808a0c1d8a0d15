/**
 * `GET /flotilla/page-address` in the service worker: at which address the page should be opened, and where else images
 * may be stored. It asks the server, and tells it whether images are stored here, because a browser tells a page about
 * no other address.
 */
import type { ApiHandlers } from '../../core/api/api.ts'
import type { Json } from '../../core/api/schemas.ts'
import { jsonResponse } from '../../core/http/message.ts'

export interface PageAddressDeps {
  /** Where the page was loaded from. */
  readonly origin: string
  /** Whether images are stored at this address. */
  hasImages(): Promise<boolean>
}

const TIMEOUT_MS = 5000

export function createPageAddress({ origin, hasImages }: PageAddressDeps): Pick<ApiHandlers, 'pageAddress'> {
  /** Empty if the server is away, or is not a Flotilla server. */
  async function askServer(images: boolean): Promise<Json<'PageAddress'>> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      const url = `${origin}/flotilla/page-address?images=${images}`
      const response = await fetch(url, { method: 'POST', redirect: 'error', signal })
      return response.ok ? await response.json() : {}
    } catch {
      return {}
    }
  }

  async function getPageAddress() {
    const images = await hasImages()
    const address: Json<'PageAddress'> = { images, ...(await askServer(images)) }
    return jsonResponse(200, address)
  }

  return { pageAddress: { GET: getPageAddress } }
}
