/** Command lines for people who want the image in their tools, and honesty about whom those tools can reach. */
import { CopyButton } from '../parts/copy-button.tsx'
import { type Peers, readPeers } from '../requests/peers.ts'
import { peersPath, referenceText } from '../route.ts'
import { useLoaded } from '../use-loaded.ts'
import { commandLines, needsInsecureRegistry, registryUrlOf } from './command-lines.ts'

interface CommandsProps {
  readonly name: string
  readonly reference: string
  readonly digest: string
}

export function Commands({ name, reference, digest }: CommandsProps) {
  const peers = useLoaded('peers', (signal) => readPeers({ signal })).value
  if (!peers) return null
  const url = registryUrl(peers)
  return (
    <details class="use-it">
      <summary class="use-it-summary">Pull it with docker, podman, skopeo or ctr</summary>
      {url ? (
        <PullCommands
          url={url}
          reference={referenceText(name, reference)}
          pinned={referenceText(name, digest)}
        />
      ) : (
        <p>
          Tools like docker cannot reach a registry inside a browser. Download the image and{' '}
          <code>docker load</code> it, or <a href={peersPath}>connect to a peer</a> that serves HTTP.
        </p>
      )}
    </details>
  )
}

const PullCommands = ({ url, reference, pinned }: { url: URL; reference: string; pinned: string }) => (
  <>
    <p class="quiet">
      From the peer at <code>{url.host}</code>, which serves what it holds or finds at its own peers. The
      registry in this browser is out of reach for command-line tools; for what only it holds, download the
      tar.
    </p>
    <dl class="commands">
      {commandLines(url, reference).map(({ tool, text }) => (
        <div key={tool}>
          <dt>{tool}</dt>
          <dd>
            <code>{text}</code>
            <CopyButton text={text} what={`${tool} command`} />
          </dd>
        </div>
      ))}
      <div>
        <dt>by digest</dt>
        <dd>
          <code>{`${url.host}/${pinned}`}</code>
          <CopyButton text={`${url.host}/${pinned}`} what="reference by digest" />
        </dd>
      </div>
    </dl>
    {needsInsecureRegistry(url) && (
      <p class="hint">
        docker needs <code>{`"insecure-registries": ["${url.host}"]`}</code> in its <code>daemon.json</code>,
        as this peer speaks plain HTTP.
      </p>
    )}
  </>
)

const registryUrl = ({ origin, peers }: Peers): URL | undefined =>
  origin ? new URL(origin.url) : peers.flatMap(({ addresses }) => addresses.map(registryUrlOf)).find(Boolean)
