/** The connected peers: their traffic, their images, and whether their tags are trusted. */

import { useState } from 'preact/hooks'
import { lazily } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { Table } from '../components/table.tsx'
import { sizeText } from '../components/text.ts'
import { changeSettings, type Peer, type Peers, type Settings } from '../requests/peers.ts'
import { invalidate, type Mutation, useMutation } from '../requests/use-query.ts'
import { addressText } from './address-text.ts'
import { PeerId, shortId } from './peer-id.tsx'

/** Its code and the list are loaded when the user opens it. */
const PeerImages = lazily('its images', async () => (await import('./peer-images.tsx')).PeerImages)

interface TableProps {
  readonly peers: Peers
  readonly settings: Settings
}

export function PeerTable({ peers: { peers, origin }, settings }: TableProps) {
  const { failure, run } = useMutation()
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
      <Table
        className="peers"
        columns={[
          { text: 'Peer' },
          { text: 'Connection', className: 'wide' },
          { text: 'Received', className: 'number wide' },
          { text: 'Sent', className: 'number wide' },
          { text: 'Trust its tags' },
        ]}
      >
        {peers.map((peer) => (
          <PeerRows
            key={peer.id}
            peer={peer}
            isOrigin={peer.id === origin?.id}
            settings={settings}
            run={run}
          />
        ))}
      </Table>
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
  readonly run: Mutation['run']
}

function PeerRows({ peer, isOrigin, settings: { trust }, run }: RowProps) {
  const { id, protocol, sent, received } = peer
  const [isOpen, setOpen] = useState(false)
  const isTrusted = isOrigin || trust.includes(id)
  const change = () =>
    run(async () => {
      await changeSettings(({ trust }) => ({
        trust: isTrusted ? trust.filter((trusted) => trusted !== id) : [...trust, id],
      }))
      invalidate()
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
