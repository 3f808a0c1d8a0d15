/** The peers of this browser: who is connected and how, whom to connect to, whom to trust. */
import { useState } from 'preact/hooks'
import { Heading } from '../frame/heading.tsx'
import { lazily } from '../parts/lazily.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { countText } from '../parts/texts.ts'
import { readPeers, readSettings } from '../requests/peers.ts'
import { useLoaded } from '../use-loaded.ts'
import { useRegularly } from './use-regularly.ts'

/** Milliseconds between two looks at what moves, and while somebody waits for a connection. */
const PACE = 5000
const IMPATIENT_PACE = 1000

const PeersBody = lazily('the peers', async () => (await import('./peers-body.tsx')).PeersBody)

export function PeersView() {
  const [isWaiting, setWaiting] = useState(false)
  const moment = useRegularly(isWaiting ? IMPATIENT_PACE : PACE)
  const { value, failure } = useLoaded(
    'peers',
    async (signal) => {
      const [peers, settings] = await Promise.all([readPeers({ signal }), readSettings({ signal })])
      setWaiting(peers.addresses?.some(({ state }) => state === 'connecting') ?? false)
      return { peers, settings }
    },
    moment,
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
