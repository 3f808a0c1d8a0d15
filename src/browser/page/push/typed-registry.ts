/** The address of a registry as people type it: `localhost:5001`, `https://registry.example`. */

export interface TypedRegistry {
  readonly url: string
  /** As it is shown. */
  readonly host: string
}

/** Docker Hub by the names that people type; the last is where its registry answers. */
const DOCKER_HUB = /^(?:docker\.io|index\.docker\.io|hub\.docker\.com|registry-1\.docker\.io)$/

const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?$/i

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i

const ADDRESS = /^(?:(?<scheme>https?|docker):\/\/)?(?<host>[^\s/]+)(?:\/(?:v2\/?)?)?$/i

/** Without a scheme it is HTTPS, but for this machine HTTP. `undefined` for what is no address, or more than one. */
export function parseTypedRegistry(text: string): TypedRegistry | undefined {
  const { scheme = '', host = '' } = ADDRESS.exec(text.trim())?.groups ?? {}
  if (!HOST.test(host)) return undefined
  const isPlain = /^http$/i.test(scheme) || (!/^https$/i.test(scheme) && LOOPBACK.test(host))
  const name = DOCKER_HUB.test(host) ? 'registry-1.docker.io' : host
  const url = URL.parse(`${isPlain ? 'http' : 'https'}://${name}`)
  return url ? { url: url.origin, host: url.host } : undefined
}
