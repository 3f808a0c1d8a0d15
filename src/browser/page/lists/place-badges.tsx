/** Where an image or repository is: in this browser, on the server that the page comes from, at other peers. */
import type { Remote } from './use-remotes.ts'

interface BadgesProps {
  readonly isHere: boolean
  /** Something of it is here, but not all that is needed to run it. */
  readonly isPartly?: boolean
  readonly on: readonly Remote[]
}

export function PlaceBadges({ isHere, isPartly = false, on }: BadgesProps) {
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

export const remoteText = ({ id, serves }: Pick<Remote, 'id' | 'serves'>): string =>
  serves ? 'the server' : `peer …${id.slice(-6)}`
