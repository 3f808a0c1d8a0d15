/**
 * `POST /flotilla/page-address`: a page of this registry tells that it is shown at an address, and whether images are
 * stored there, and is told of the one address of the page and of others that have images. A browser shows none of that
 * to a page: each address is a store of its own.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Catalog } from '../../core/catalog/catalog.ts'
import type { Config } from '../../core/config.ts'
import { NO_RIGHTS, refuseForeign } from '../../core/http/cors.ts'
import { failureResponse } from '../../core/http/failure.ts'
import { inert } from '../../core/http/inert.ts'
import { jsonResponse, type RegistryResponse } from '../../core/http/message.ts'
import { createOrigins } from '../../core/http/origins.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { seenOrigin } from '../../core/registry/locations.ts'
import { NodeRequest } from '../http/request.ts'
import { breakOff, send } from '../http/send.ts'
import type { OtherRoute } from '../http/server.ts'
import type { OneAddress } from './one-address.ts'

export interface PageAddressParts {
  readonly catalog: Pick<Catalog, 'pageAddresses' | 'transaction'>
  readonly oneAddress: OneAddress
  readonly config: Pick<Config, 'http' | 'storage'>
  readonly log: Log
}

export function createPageAddresses({ catalog, oneAddress, config, log }: PageAddressParts): OtherRoute {
  const path = `${config.http.prefix}flotilla/page-address`
  const origins = createOrigins(config.http)
  const isReadOnly = config.storage.maintenance.readonly.enabled

  /** A program may say any name: it would be shown to people as a place of their images. */
  const isOwn = ({ hostname }: URL): boolean =>
    LOOPBACK.test(hostname) || (!isAddress(hostname) && origins.isOwnHost(hostname) === true)

  async function note(origin: string, hasImages: boolean): Promise<void> {
    if (isReadOnly) return
    const work = ({ pageAddresses }: Pick<Catalog, 'pageAddresses'>) =>
      hasImages ? pageAddresses.note(origin, Date.now()) : pageAddresses.forget(origin)
    await catalog.transaction(work, { durable: false })
  }

  async function answer(request: NodeRequest): Promise<RegistryResponse> {
    refuseForeign(request, NO_RIGHTS)
    if (request.method !== 'POST')
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'POST' } })
    const seen = URL.parse(seenOrigin(request))
    if (!seen || !isOwn(seen))
      throw new RegistryError('UNSUPPORTED', 'this is no address of this registry', { status: 400 })
    const { origin } = seen
    await note(origin, new URLSearchParams(request.target.split('?')[1]).get('images') === 'true')
    const others = (await catalog.pageAddresses.list()).filter((other) => isSibling(other, seen))
    return jsonResponse(200, { address: oneAddress(origin), others }, { 'Cache-Control': 'no-store' })
  }

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const request = new NodeRequest(incoming, outgoing, origins)
      await send(
        outgoing,
        inert(await answer(request).catch((error) => failureResponse(error, request, log))),
      )
    } catch (error) {
      breakOff(outgoing, error, log)
    }
  }

  return (incoming, outgoing) => {
    const isOurs = incoming.url?.split('?', 1)[0] === path
    if (isOurs) void respond(incoming, outgoing)
    return isOurs
  }
}

const LOOPBACK = /^(?:127(?:\.\d+){3}|\[::1\])$/

const isAddress = (hostname: string): boolean => /^(?:\[.*\]|\d+(?:\.\d+){3})$/.test(hostname)

/** Another address of what is seen here: a program that makes one up leads nobody to another port or scheme. */
function isSibling(origin: string, seen: URL): boolean {
  const other = URL.parse(origin)
  return (
    other !== null &&
    other.origin !== seen.origin &&
    other.port === seen.port &&
    other.protocol === seen.protocol
  )
}
