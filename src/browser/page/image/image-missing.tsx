/** Shown instead of an image that is not found: why, and what helps. */

import { notFoundDetail } from '../add/not-found.ts'
import { NotFoundNote } from '../add/not-found-note.tsx'
import { isUnknown } from '../components/failure-text.ts'
import { Problem } from '../components/problem.tsx'
import { navigate } from '../navigation.ts'
import { readPeers } from '../requests/peers.ts'
import { invalidate, useQuery } from '../requests/use-query.ts'
import { imagePath } from '../route.ts'

interface MissingProps {
  readonly name: string
  readonly reference: string
  readonly failure: unknown
}

export function ImageMissing({ name, reference, failure }: MissingProps) {
  const origin = useQuery('peers', (signal) => readPeers({ signal })).value?.origin
  if (!notFoundDetail(failure)) return <Problem title={titleOf(failure)} failure={failure} />
  return (
    <NotFoundNote
      found={{ is: 'missing', name, reference, failure }}
      typed={{ host: undefined, name, reference }}
      server={origin && new URL(origin.url).host}
      onPull={(reference) => navigate(imagePath(name, reference))}
      onRetry={invalidate}
    />
  )
}

const titleOf = (failure: unknown): string =>
  isUnknown(failure)
    ? 'This image is not stored here, and no connected peer has it.'
    : 'This image could not be read.'
