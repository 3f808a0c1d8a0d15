/**
 * What to type to pull an image from a peer. Command-line tools reach peers that serve HTTP, never the registry in this
 * browser: a service worker answers its own page only.
 */
export interface CommandLine {
  readonly tool: string
  readonly text: string
}

/** @param url - of the peer's registry */
export function commandLines(url: URL, reference: string): readonly CommandLine[] {
  const image = `${url.host}/${reference}`
  const isPlain = url.protocol === 'http:'
  return [
    { tool: 'docker', text: `docker pull ${image}` },
    { tool: 'podman', text: `podman pull ${isPlain ? '--tls-verify=false ' : ''}${image}` },
    {
      tool: 'skopeo',
      text: `skopeo copy ${isPlain ? '--src-tls-verify=false ' : ''}docker://${image} oci-archive:image.tar`,
    },
    { tool: 'ctr', text: `ctr images pull ${isPlain ? '--plain-http ' : ''}${image}` },
  ]
}

/** docker takes plain HTTP from this machine only. */
export const needsInsecureRegistry = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)

/** The URL of a peer's registry, if one of its addresses speaks HTTP: `/dns4/host/tcp/443/https`. */
export function registryUrlOf(address: string): URL | undefined {
  const [, host, port, scheme] =
    /^\/(?:ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d+)\/(https?)(?:\/|$)/.exec(address) ?? []
  if (!host) return undefined
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)
}
