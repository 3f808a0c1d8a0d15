/** What of a list is missing, and why: a server that is away, a peer whose list could not be read. */

import { placeText } from './place-badges.tsx'
import type { Place } from './use-places.ts'

interface NotesProps {
  /** Places whose lists could not be read. */
  readonly failed: readonly Place[]
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
    {failed.map((place) => (
      <p key={place.id} class="note quiet">
        The list of {placeText(place)} could not be read; its images may be missing here.
      </p>
    ))}
  </div>
)
