/** This browser as a peer, and where its page comes from. */
import { Moment } from '../parts/moment.tsx'
import type { Peers } from '../requests/peers.ts'
import { PeerId, shortId } from './peer-id.tsx'

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
      return <>{url}, a plain web server, which is no peer</>
  }
}
