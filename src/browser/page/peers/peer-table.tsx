/** Connected peers, and what moved to and from each. */

import { tellChange } from '../changes-state.ts'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { changeSettings, type Peer, type Peers, type Settings } from '../requests/peers.ts'
import { type Attempts, useAttempt } from '../use-attempt.ts'
import { PeerId } from './peer-id.tsx'

interface TableProps {
  readonly peers: Peers
  readonly settings: Settings
}

export function PeerTable({ peers: { peers, origin }, settings }: TableProps) {
  const { failure, attempt } = useAttempt()
  if (peers.length === 0)
    return (
      <p class="empty quiet">
        No peer is connected. Images that are here work all the same; others cannot be pulled.
      </p>
    )
  return (
    <>
      {failure !== undefined && <Problem title="The trust was not changed." failure={failure} />}
      <table class="table peers">
        <thead>
          <tr>
            <th scope="col">Peer</th>
            <th scope="col" class="wide">
              By
            </th>
            <th scope="col" class="number">
              Received
            </th>
            <th scope="col" class="number">
              Sent
            </th>
            <th scope="col" class="number">
              Tags trusted
            </th>
          </tr>
        </thead>
        <tbody>
          {peers.map((peer) => (
            <PeerRow
              key={peer.id}
              peer={peer}
              isOrigin={peer.id === origin?.id}
              settings={settings}
              attempt={attempt}
            />
          ))}
        </tbody>
      </table>
    </>
  )
}

interface RowProps {
  readonly peer: Peer
  readonly isOrigin: boolean
  readonly settings: Settings
  readonly attempt: Attempts['attempt']
}

function PeerRow({ peer, isOrigin, settings: { trust }, attempt }: RowProps) {
  const { id, road, addresses, sent, received } = peer
  const isTrusted = isOrigin || trust.includes(id)
  const change = () =>
    attempt(async () => {
      await changeSettings({ trust: isTrusted ? trust.filter((trusted) => trusted !== id) : [...trust, id] })
      tellChange()
    })
  return (
    <tr>
      <th scope="row">
        <PeerId id={id} />
        <span class="quiet under wrap">{isOrigin ? 'serves this page' : addresses[0]}</span>
      </th>
      <td class="wide">{road === 'http' ? 'HTTP' : 'WebSocket'}</td>
      <td class="number">{sizeText(received)}</td>
      <td class="number">{sizeText(sent)}</td>
      <td class="number">
        <label class="check">
          <span class="visually-hidden">Trust the tags of {id}</span>
          <input type="checkbox" checked={isTrusted} disabled={isOrigin} onChange={change} />
        </label>
      </td>
    </tr>
  )
}
