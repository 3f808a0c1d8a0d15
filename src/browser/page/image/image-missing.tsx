/** In place of an image that is not found: why, and what would help. */

import { missIn } from '../add/miss.ts'
import { MissNote } from '../add/miss-note.tsx'
import { tellChange } from '../changes-state.ts'
import { isUnknown } from '../parts/failure-text.ts'
import { Problem } from '../parts/problem.tsx'
import { readPeers } from '../requests/peers.ts'
import { imagePath } from '../route.ts'
import { navigate } from '../route-state.ts'
import { useLoaded } from '../use-loaded.ts'

interface MissingProps {
  readonly name: string
  readonly reference: string
  readonly failure: unknown
}

export function ImageMissing({ name, reference, failure }: MissingProps) {
  const origin = useLoaded('peers', (signal) => readPeers({ signal })).value?.origin
  if (!missIn(failure)) return <Problem title={titleOf(failure)} failure={failure} />
  return (
    <MissNote
      found={{ is: 'missing', name, reference, failure }}
      typed={{ host: undefined, name, reference }}
      server={origin && new URL(origin.url).host}
      onPull={(reference) => navigate(imagePath(name, reference))}
      onRetry={tellChange}
    />
  )
}

const titleOf = (failure: unknown): string =>
  isUnknown(failure)
    ? 'This image is not stored here, and no connected peer has it.'
    : 'This image could not be read.'
