/** Connected peers, what moved to and from each, and what each has. */
import { useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { lazily } from '../parts/lazily.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { changeSettings, type Peer, type Peers, type Settings } from '../requests/peers.ts'
import { type Attempts, useAttempt } from '../use-attempt.ts'
import { addressText } from './address-text.ts'
import { PeerId, shortId } from './peer-id.tsx'

/** Code and list are loaded when somebody wants to see them. */
const PeerImages = lazily('its images', async () => (await import('./peer-images.tsx')).PeerImages)

interface TableProps {
  readonly peers: Peers
  readonly settings: Settings
}

export function PeerTable({ peers: { peers, origin }, settings }: TableProps) {
  const { failure, attempt } = useAttempt()
  if (peers.length === 0)
    return (
      <p class="empty quiet">
        No peer is connected. Images that are stored in this browser work all the same; others cannot be
        pulled.
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
              Connection
            </th>
            <th scope="col" class="number wide">
              Received
            </th>
            <th scope="col" class="number wide">
              Sent
            </th>
            <th scope="col">Trust its tags</th>
          </tr>
        </thead>
        {peers.map((peer) => (
          <PeerRows
            key={peer.id}
            peer={peer}
            isOrigin={peer.id === origin?.id}
            settings={settings}
            attempt={attempt}
          />
        ))}
      </table>
      <p class="tip quiet">
        A digest proves itself, whoever sends the bytes. What a tag means, only a peer's word says: tags are
        taken from peers that you trust.
      </p>
    </>
  )
}

interface RowProps {
  readonly peer: Peer
  readonly isOrigin: boolean
  readonly settings: Settings
  readonly attempt: Attempts['attempt']
}

function PeerRows({ peer, isOrigin, settings: { trust }, attempt }: RowProps) {
  const { id, protocol, sent, received } = peer
  const [isOpen, setOpen] = useState(false)
  const isTrusted = isOrigin || trust.includes(id)
  const change = () =>
    attempt(async () => {
      await changeSettings(({ trust }) => ({
        trust: isTrusted ? trust.filter((trusted) => trusted !== id) : [...trust, id],
      }))
      tellChange()
    })
  return (
    <tbody>
      <tr>
        <th scope="row">
          <PeerId id={id} />
          <span class="quiet under wrap">
            {isOrigin ? 'serves this page' : addressText(peer.addresses[0] ?? '')}
          </span>
          <ImagesButton peer={peer} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
        </th>
        <td class="wide">{protocol === 'http' ? 'HTTP' : 'WebSocket'}</td>
        <td class="number wide">{sizeText(received)}</td>
        <td class="number wide">{sizeText(sent)}</td>
        <td>
          {isOrigin ? (
            <>
              Yes<span class="quiet under">the page itself comes from it</span>
            </>
          ) : (
            <label class="check">
              <input type="checkbox" checked={isTrusted} onChange={change} />
              <span class="visually-hidden">Trust the tags of {id}</span>
            </label>
          )}
        </td>
      </tr>
      {isOpen && (
        <tr class="inside">
          <td colSpan={5}>
            <PeerImages id={id} isTrusted={isTrusted} />
          </td>
        </tr>
      )}
    </tbody>
  )
}

interface ButtonProps {
  readonly peer: Peer
  readonly isOpen: boolean
  readonly onToggle: () => void
}

const ImagesButton = ({ peer: { id, lists }, isOpen, onToggle }: ButtonProps) =>
  lists ? (
    <button type="button" class="button small" aria-expanded={isOpen} onClick={onToggle}>
      {isOpen ? 'Hide its images' : 'Show its images'}
      <span class="visually-hidden"> ({shortId(id)})</span>
    </button>
  ) : (
    <span class="quiet under">does not tell which images it has</span>
  )
