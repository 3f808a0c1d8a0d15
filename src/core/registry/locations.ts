/**
 * The URLs in responses. Clients follow them as they are, so they must be the URLs that clients use, also through reverse
 * proxies.
 */
import type { Config } from '../config.ts'
import type { RegistryRequest } from '../http/message.ts'
import type { Digest } from '../oci/digest.ts'

export interface Locations {
  blob(name: string, digest: Digest): string
  manifest(name: string, digest: Digest): string
  upload(name: string, id: string): string
  /** The next page of the requested list, with these parameters instead of its own. */
  next(parameters: Readonly<Record<string, string>>): string
}

export function locationsFor(request: RegistryRequest, http: Config['http']): Locations {
  const base = `${http.relativeurls ? '' : originOf(request, http)}${http.prefix}v2/`
  return {
    blob: (name, digest) => `${base}${name}/blobs/${digest}`,
    manifest: (name, digest) => `${base}${name}/manifests/${digest}`,
    upload: (name, id) => `${base}${name}/blobs/uploads/${id}`,
    next: (parameters) => `${request.target.split('?', 1)[0]}?${new URLSearchParams(parameters)}`,
  }
}

/** The configured host; else what proxies say the client has requested (RFC 7239, or `X-Forwarded-*`). */
function originOf(request: RegistryRequest, http: Config['http']): string {
  return http.host ? http.host.replace(/\/+$/, '') : publicOrigin(request)
}

/** Scheme and host by which the client reaches the registry, as far as proxies say. */
export function publicOrigin(request: Pick<RegistryRequest, 'origin' | 'header'>): string {
  const [scheme, host] = request.origin.split('://') as [string, string]
  const seen = forwarded(request)
  return `${seen.proto ?? scheme}://${seen.host ?? host}`
}

interface Forwarded {
  readonly proto?: string | undefined
  readonly host?: string | undefined
}

function forwarded(request: Pick<RegistryRequest, 'header'>): Forwarded {
  const standard = request.header('forwarded')
  if (standard !== undefined) return parseForwarded(standard)
  const proto = first(request.header('x-forwarded-proto'))
  const host = first(request.header('x-forwarded-host'))
  return { proto: validProto(proto), host: validHost(host) }
}

/** The first element of RFC 7239's list, which is the proxy closest to the client. */
function parseForwarded(header: string): Forwarded {
  const element = /^(?:"(?:\\.|[^"\\])*"|[^,"])*/.exec(header)?.[0] ?? ''
  const pairs = element.matchAll(/(?:^|;)\s*([^\s=;"]+)=(?:"((?:\\.|[^"\\])*)"|([^;"\s]*))/g)
  const values = new Map<string, string>()
  for (const [, key, quoted, token] of pairs) {
    values.set(key!.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? '')
  }
  return { proto: validProto(values.get('proto')), host: validHost(values.get('host')) }
}

const first = (list: string | undefined): string | undefined => list?.split(',', 1)[0]?.trim()

const validProto = (proto: string | undefined): string | undefined =>
  proto && /^https?$/i.test(proto) ? proto.toLowerCase() : undefined

const validHost = (host: string | undefined): string | undefined =>
  host && /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(host) ? host : undefined
