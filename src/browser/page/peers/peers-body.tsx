/** The content of the peers view, loaded when it is opened. */

import { Moment } from '../components/values.tsx'
import type { Peers, Settings } from '../requests/peers.ts'
import { Addresses, ConnectForm } from './addresses.tsx'
import { PeerId, shortId } from './peer-id.tsx'
import { PeerTable } from './peer-table.tsx'

interface BodyProps {
  readonly peers: Peers
  readonly settings: Settings
}

export const PeersBody = ({ peers, settings }: BodyProps) => (
  <>
    <PeerTable peers={peers} settings={settings} />
    <ConnectForm />
    <Addresses peers={peers} settings={settings} />
    <SelfFacts peers={peers} />
  </>
)

export const SelfFacts = ({ peers }: { peers: Peers }) => (
  <section class="section" aria-labelledby="self">
    <h2 id="self">This browser</h2>
    <dl class="pairs">
      {peers.id && (
        <div>
          <dt>Peer id</dt>
          <dd>
            <PeerId id={peers.id} />
          </dd>
        </div>
      )}
      <div>
        <dt>Connections</dt>
        <dd>
          {peers.id
            ? 'HTTP, and WebSockets that one tab keeps open for all tabs of this browser'
            : 'HTTP; WebSockets are opened when an address asks for them'}
        </dd>
      </div>
      <div>
        <dt>Page served by</dt>
        <dd>
          <Server peers={peers} />
        </dd>
      </div>
    </dl>
  </section>
)

function Server({ peers: { server, origin } }: { peers: Peers }) {
  const url = <code>{server?.url ?? origin?.url ?? location.origin}</code>
  if (origin)
    return (
      <>
        {url}, peer {shortId(origin.id)}
      </>
    )
  switch (server?.fault) {
    case undefined:
      return <>{url}, connecting…</>
    case 'unreachable':
      return (
        <>
          {url}, which cannot be reached since <Moment at={server?.since} />. Images that are stored here
          work.
        </>
      )
    case 'private':
      return <>{url}, a registry whose swarm has a key: this page cannot ask it as a peer</>
    case 'alone':
      return <>{url}, a registry without a swarm (swarm.enabled), or one that is still starting</>
    default:
      return <>{url}, a plain web server, which is not a peer</>
  }
}
