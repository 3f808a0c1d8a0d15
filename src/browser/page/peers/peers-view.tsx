/** The peers view: which peers are connected, which to connect to, which to trust. */
import { useState } from 'preact/hooks'
import { Heading } from '../components/heading.tsx'
import { Loading, lazily } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { countText } from '../components/text.ts'
import { readPeers, readSettings } from '../requests/peers.ts'
import { useQuery, useTicks } from '../requests/use-query.ts'

/** Milliseconds between two updates, and while a connection is being established. */
const POLL_MS = 5000
const CONNECTING_POLL_MS = 1000

const PeersBody = lazily('the peers', async () => (await import('./peers-body.tsx')).PeersBody)

export function PeersView() {
  const [isWaiting, setWaiting] = useState(false)
  const tick = useTicks(isWaiting ? CONNECTING_POLL_MS : POLL_MS)
  const { value, failure } = useQuery(
    'peers',
    async (signal) => {
      const [peers, settings] = await Promise.all([readPeers({ signal }), readSettings({ signal })])
      setWaiting(peers.addresses?.some(({ state }) => state === 'connecting') ?? false)
      return { peers, settings }
    },
    tick,
  )
  return (
    <>
      <header class="view-head">
        <Heading text="Peers" />
        {value && <p class="quiet numbers">{countText(value.peers.peers.length, 'peer')} connected</p>}
      </header>
      {failure !== undefined && <Problem title="Peers could not be read." failure={failure} />}
      {!value && failure === undefined && <Loading what="peers" />}
      {value && <PeersBody {...value} />}
    </>
  )
}
