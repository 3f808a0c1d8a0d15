/** Asks where an image of a list is to be pushed, once it has been read. */
import { useImage } from '../image/use-image.ts'
import { closeDialogOf, Dialog } from '../parts/dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { PushDialog } from '../push/push-dialog.tsx'
import { referenceText } from '../route.ts'

interface PushProps {
  readonly name: string
  readonly reference: string
  readonly onClose: () => void
}

export function PushFromList({ name, reference, onClose }: PushProps) {
  const { value: image, failure } = useImage(name, reference)
  if (image) return <PushDialog name={name} reference={reference} image={image} onClose={onClose} />
  if (failure === undefined) return null
  return (
    <Dialog title={`Push ${referenceText(name, reference)}`} onClose={onClose}>
      <Problem title="The image could not be read." failure={failure} />
      <div class="form-actions">
        <button type="button" class="button" onClick={closeDialogOf}>
          Close
        </button>
      </div>
    </Dialog>
  )
}
