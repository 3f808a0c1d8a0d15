/** What can be done with an image. */
import { useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { Icon } from '../parts/icon.tsx'
import { Problem } from '../parts/problem.tsx'
import { setKept } from '../requests/owner.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { Downloads } from './downloads.tsx'
import { PullButtons } from './pull-buttons.tsx'
import type { Image, Platform } from './use-image.ts'

interface ActionProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** Of an index: the one that is looked at. */
  readonly platform: Platform | undefined
}

export function Actions({ name, reference, image, platform }: ActionProps) {
  const [isDeleting, setDeleting] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const { held, manifest } = image
  const isKept = held?.kept ?? false
  const keep = () =>
    setKept(name, manifest.digest, !isKept).then(() => {
      announce(isKept ? 'No longer kept' : 'Kept: it is never evicted')
      tellChange()
    }, setFailure)
  return (
    <>
      <div class="actions">
        <PullButtons name={name} reference={reference} image={image} platform={platform} />
        <Downloads name={name} reference={reference} image={image} platform={platform} />
        <button type="button" class="button" aria-pressed={isKept} onClick={keep}>
          <Icon name="keep" /> {isKept ? 'Kept' : 'Keep'}
        </button>
        <button type="button" class="button danger" onClick={() => setDeleting(true)}>
          <Icon name="delete" /> Delete…
        </button>
      </div>
      {failure !== undefined && <Problem title="That did not work." failure={failure} />}
      {isDeleting && (
        <DeleteDialog name={name} reference={reference} image={image} onClose={() => setDeleting(false)} />
      )}
    </>
  )
}
