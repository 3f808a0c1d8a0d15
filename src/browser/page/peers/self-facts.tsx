/** This browser as a peer. */
import type { Peers } from '../requests/peers.ts'
import { PeerId } from './peer-id.tsx'

export const SelfFacts = ({ peers: { id, origin, leader } }: { peers: Peers }) => (
  <section class="section" aria-labelledby="self">
    <h2 id="self">This browser</h2>
    <dl class="pairs">
      {id && (
        <div>
          <dt>Peer id</dt>
          <dd>
            <PeerId id={id} />
          </dd>
        </div>
      )}
      <div>
        <dt>Connections</dt>
        <dd>
          {leader
            ? 'A tab of this browser holds them for all others.'
            : 'No tab holds any; HTTP works without.'}
        </dd>
      </div>
      <div>
        <dt>Page served by</dt>
        <dd>{origin ? <code>{origin.url}</code> : 'a plain web server, which is no peer'}</dd>
      </div>
    </dl>
  </section>
)
