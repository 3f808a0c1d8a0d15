/** Says what goes, what stays and what space that gives, before anything goes. */
import { useState } from 'preact/hooks'
import { closeDialogOf, Dialog } from '../parts/dialog.tsx'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import { type Freed, readFreed, type Unwanted } from '../requests/removal.ts'
import { useLoaded } from '../use-loaded.ts'
import { plansFor, type RemovalWish, textOf, titleOf } from './plans.ts'
import { remove } from './removals-state.ts'

interface DialogProps {
  readonly wish: RemovalWish
  readonly onClose: () => void
  /** After it is gone from the lists; it can be undone still. */
  readonly onRemove?: () => void
}

export function RemovalDialog({ wish, onClose, onRemove }: DialogProps) {
  const plans = plansFor(wish)
  const [choice, setChoice] = useState(0)
  const chosen = plans[choice]!
  const title = titleOf(wish)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    closeDialogOf(event)
    remove(chosen.unwanted, title)
    onRemove?.()
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
        <FreedText unwanted={chosen.unwanted} />
        {wish.isElsewhere && (
          <p class="quiet">This browser only: what is on the server or at other peers stays there.</p>
        )}
        <div class="form-actions">
          <button type="button" class="button" onClick={closeDialogOf}>
            Cancel
          </button>
          <button type="submit" class="button danger primary">
            {textOf(wish)}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function FreedText({ unwanted }: { unwanted: Unwanted }) {
  const { tags, digests, isWhole, repository } = unwanted
  const key = `freed ${repository} ${isWhole} ${tags.join()} ${digests.join()}`
  const { value, failure } = useLoaded(key, (signal) => readFreed(unwanted, { signal }))
  if (failure !== undefined) return null // it can be deleted without
  return <p role="status">{value ? freedText(value, digests.length) : 'Counting what comes free…'}</p>
}

function freedText({ bytes, manifests }: Freed, images: number): string {
  if (bytes === 0) return 'This frees no space.'
  const more = images > 0 ? manifests - images : 0
  const others =
    more > 0
      ? `, with ${countText(more, 'platform, signature or SBOM', 'platforms, signatures and SBOMs')}`
      : ''
  return `This frees ${sizeText(bytes)}${others}. Layers that other images use stay.`
}
