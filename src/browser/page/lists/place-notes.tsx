/** What of a list is missing, and why: a server that is away, a peer whose list could not be read. */

import { remoteText } from './place-badges.tsx'
import type { Remote } from './use-remotes.ts'

interface NotesProps {
  /** Remotes whose lists could not be read. */
  readonly failed: readonly Remote[]
  readonly isServerAway: boolean
}

export const PlaceNotes = ({ failed, isServerAway }: NotesProps) => (
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
