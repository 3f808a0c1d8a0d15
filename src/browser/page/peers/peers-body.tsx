/** Who is connected, whom to connect to, and what this browser is to them; loaded when the view is opened. */
import type { Peers, Settings } from '../requests/peers.ts'
import { Addresses } from './addresses.tsx'
import { ConnectForm } from './connect-form.tsx'
import { PeerTable } from './peer-table.tsx'
import { SelfFacts } from './self-facts.tsx'

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
