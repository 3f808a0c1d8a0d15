/** Says what is deleted, what stays, and how much space that frees, and asks for confirmation. */
import { useState } from 'preact/hooks'
import { closeDialogOf, Dialog } from '../components/dialog.tsx'
import { countText, sizeText } from '../components/text.ts'
import { type DeletionPreview, type DeletionRequest, previewDeletion } from '../requests/deletion.ts'
import { useQuery } from '../requests/use-query.ts'
import { deleteLater } from './pending.ts'
import { type DeletionTarget, plansFor, textOf, titleOf } from './plans.ts'

interface DialogProps {
  readonly target: DeletionTarget
  readonly onClose: () => void
  /** Called when it has been removed from the lists; it can still be undone. */
  readonly onDelete?: () => void
}

export function DeletionDialog({ target, onClose, onDelete }: DialogProps) {
  const plans = plansFor(target)
  const [choice, setChoice] = useState(0)
  const chosen = plans[choice]!
  const title = titleOf(target)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    closeDialogOf(event)
    deleteLater(chosen.request, title)
    onDelete?.()
  }
  return (
    <Dialog title={`Delete ${title}?`} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        {plans.length > 1 && (
          <fieldset class="choices">
            <legend class="visually-hidden">What to delete</legend>
            {plans.map((plan, index) => (
              <label key={plan.title} class="choice">
                <input
                  type="radio"
                  name="what"
                  checked={index === choice}
                  onChange={() => setChoice(index)}
                />
                <span>
                  <strong>{plan.title}</strong>
                  <span class="quiet">{plan.text}</span>
                </span>
              </label>
            ))}
          </fieldset>
        )}
        {plans.length === 1 && <p>{chosen.text}</p>}
        <FreedText request={chosen.request} />
        {target.isElsewhere && (
          <p class="quiet">This browser only: what is on the server or at other peers stays there.</p>
        )}
        <div class="form-actions">
          <button type="button" class="button" onClick={closeDialogOf}>
            Cancel
          </button>
          <button type="submit" class="button danger primary">
            {textOf(target)}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function FreedText({ request }: { request: DeletionRequest }) {
  const { tags, digests, isWhole, repository } = request
  const key = `freed ${repository} ${isWhole} ${tags.join()} ${digests.join()}`
  const { value, failure } = useQuery(key, (signal) => previewDeletion(request, { signal }))
  if (failure !== undefined) return null // deleting is possible without it
  return <p role="status">{value ? freedText(value, digests.length) : 'Counting what comes free…'}</p>
}

function freedText({ bytes, manifests }: DeletionPreview, images: number): string {
  if (bytes === 0) return 'This frees no space.'
  const more = images > 0 ? manifests - images : 0
  const others =
    more > 0
      ? `, with ${countText(more, 'platform, signature or SBOM', 'platforms, signatures and SBOMs')}`
      : ''
  return `This frees ${sizeText(bytes)}${others}. Layers that other images use stay.`
}
