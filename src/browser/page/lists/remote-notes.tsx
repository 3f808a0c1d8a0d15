/** Where an image or repository is: in this browser, on the server that the page comes from, at other peers. */
import type { Remote } from './remotes.ts'

interface BadgesProps {
  readonly isHere: boolean
  /** Only some of its blobs are stored here. */
  readonly isPartly?: boolean
  readonly on: readonly Remote[]
}

export function LocationBadges({ isHere, isPartly = false, on }: BadgesProps) {
  const peers = on.filter(({ serves }) => !serves)
  return (
    <span class="places">
      {isHere && <span class="badge here">{isPartly ? 'partly here' : 'this browser'}</span>}
      {on.some(({ serves }) => serves) && <span class="badge there">server</span>}
      {peers.length > 0 && (
        <span class="badge there" title={peers.map(({ id }) => id).join('\n')}>
          {peers.length === 1 ? remoteText(peers[0]!) : `${peers.length} peers`}
        </span>
      )}
    </span>
  )
}

export const remoteText = ({ id, serves }: { readonly id: string; readonly serves?: boolean }): string =>
  serves ? 'the server' : `peer …${id.slice(-6)}`

interface NotesProps {
  /** Peers whose lists could not be read. */
  readonly failed: readonly Remote[]
  readonly isServerAway: boolean
}

export const RemoteNotes = ({ failed, isServerAway }: NotesProps) => (
  <div role="status">
    {isServerAway && (
      <p class="note quiet">
        The server that this page comes from cannot be reached. What is stored in this browser works without
        it.
      </p>
    )}
    {failed.map((remote) => (
      <p key={remote.id} class="note quiet">
        The list of {remoteText(remote)} could not be read; its images may be missing here.
      </p>
    ))}
  </div>
)
