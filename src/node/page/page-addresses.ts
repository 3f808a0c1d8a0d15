/**
 * `POST /flotilla/page-address`: a page of this registry says at which address it is shown and whether images are stored
 * there. The answer is the one address of the page, and others that have images. Browsers show a page none of that, because
 * each address has its own storage.
 */
import type { ApiHandlers } from '../../core/api/api.ts'
import type { Json } from '../../core/api/schemas.ts'
import type { Catalog } from '../../core/catalog/catalog.ts'
import type { Config } from '../../core/config.ts'
import { jsonResponse, type RegistryRequest, type RegistryResponse } from '../../core/http/message.ts'
import { createOrigins } from '../../core/http/origins.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { publicOrigin } from '../../core/registry/locations.ts'
import type { CanonicalOrigin } from './canonical-origin.ts'

export interface PageAddressDeps {
  readonly catalog: Pick<Catalog, 'pageAddresses' | 'transaction'>
  readonly canonicalOrigin: CanonicalOrigin
  readonly config: Pick<Config, 'http' | 'storage'>
}

export function createPageAddresses({
  catalog,
  canonicalOrigin,
  config,
}: PageAddressDeps): Pick<ApiHandlers, 'pageAddress'> {
  const origins = createOrigins(config.http)
  const isReadOnly = config.storage.maintenance.readonly.enabled

  /** Programs can send any name, and people would be shown it as a place of their images. */
  const isOwn = ({ hostname }: URL): boolean =>
    LOOPBACK.test(hostname) || (!isAddress(hostname) && origins.isOwnHost(hostname) === true)

  async function note(origin: string, hasImages: boolean): Promise<void> {
    if (isReadOnly) return
    const work = ({ pageAddresses }: Pick<Catalog, 'pageAddresses'>) =>
      hasImages ? pageAddresses.note(origin, Date.now()) : pageAddresses.forget(origin)
    await catalog.transaction(work, { durable: false })
  }

  async function noteAddress(request: RegistryRequest): Promise<RegistryResponse> {
    const seen = URL.parse(publicOrigin(request))
    if (!seen || !isOwn(seen))
      throw new RegistryError('UNSUPPORTED', 'this is not an address of this registry', { status: 400 })
    const { origin } = seen
    await note(origin, new URLSearchParams(request.target.split('?')[1]).get('images') === 'true')
    const others = (await catalog.pageAddresses.list()).filter((other) => isSibling(other, seen))
    const found: Json<'PageAddress'> = { address: canonicalOrigin(origin), others }
    return jsonResponse(200, found)
  }

  return { pageAddress: { POST: noteAddress } }
}

const LOOPBACK = /^(?:127(?:\.\d+){3}|\[::1\])$/

const isAddress = (hostname: string): boolean => /^(?:\[.*\]|\d+(?:\.\d+){3})$/.test(hostname)

/** Same port and scheme, so that an address which a program made up leads nobody to another service. */
function isSibling(origin: string, seen: URL): boolean {
  const other = URL.parse(origin)
  return (
    other !== null &&
    other.origin !== seen.origin &&
    other.port === seen.port &&
    other.protocol === seen.protocol
  )
}
