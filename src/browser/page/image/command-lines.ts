/**
 * Command lines that get an image into other tools. They can reach registries over HTTP, but not the one in this
 * browser, because a service worker only responds to its own pages.
 */
import { shortDigest } from '../components/text.ts'

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

/** docker accepts plain HTTP only from this machine. */
export const needsInsecureRegistry = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)

/**
 * Command lines that load the downloaded archive.
 *
 * @param platform - the digest of the image in the archive, if it is one platform of an index
 */
export function loadLines(name: string, reference: string, platform = reference): readonly CommandLine[] {
  const suffix = reference.includes(':') ? shortDigest(platform) : reference
  const file = `${`${name}_${suffix}`.replace(/[^\w.-]/g, '_')}.tar`
  return ['docker', 'podman'].map((tool) => ({ tool, text: `${tool} load -i ${file}` }))
}
