/** Says what goes before it goes. */
import { useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { closeDialogOf, Dialog } from '../parts/dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { client } from '../requests/request.ts'
import { referenceText, repositoryPath } from '../route.ts'
import { navigate } from '../route-state.ts'
import type { Image } from './use-image.ts'

interface DeleteProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly onClose: () => void
}

export function DeleteDialog({ name, reference, image: { manifest, held }, onClose }: DeleteProps) {
  const isTag = !reference.includes(':')
  const [isWhole, setWhole] = useState(!isTag)
  const [failure, setFailure] = useState<unknown>()
  const others = (held?.tags ?? []).filter((tag) => tag !== reference)
  const remove = async (event: SubmitEvent) => {
    event.preventDefault()
    try {
      await client.deleteManifest(name, isWhole ? manifest.digest : reference)
      closeDialogOf(event)
      announce(`Deleted: ${referenceText(name, reference)}`)
      tellChange()
      navigate(repositoryPath(name))
    } catch (failure) {
      setFailure(failure)
    }
  }
  return (
    <Dialog title={`Delete ${isTag ? reference : 'this manifest'}?`} onClose={onClose}>
      <form class="form" onSubmit={remove}>
        {isTag && (
          <fieldset class="choices">
            <legend class="visually-hidden">What goes</legend>
            <Choice isChosen={!isWhole} onChoose={() => setWhole(false)} title="The tag only">
              The image stays under its digest{others.length > 0 && ` and as ${others.join(', ')}`}.
            </Choice>
            <Choice isChosen={isWhole} onChoose={() => setWhole(true)} title="The image, with all its tags">
              {wholeText(others)}
            </Choice>
          </fieldset>
        )}
        {!isTag && <p>{wholeText(others)}</p>}
        {failure !== undefined && <Problem title="It could not be deleted." failure={failure} />}
        <div class="form-actions">
          <button type="button" class="button" onClick={closeDialogOf}>
            Cancel
          </button>
          <button type="submit" class="button danger primary">
            Delete
          </button>
        </div>
      </form>
    </Dialog>
  )
}

const wholeText = (others: readonly string[]): string => {
  const tags = others.length > 0 ? ` Its other tags go too: ${others.join(', ')}.` : ''
  return `The manifest goes from this repository.${tags} Layers that other images use stay.`
}

interface ChoiceProps {
  readonly isChosen: boolean
  readonly onChoose: () => void
  readonly title: string
  readonly children: preact.ComponentChildren
}

const Choice = ({ isChosen, onChoose, title, children }: ChoiceProps) => (
  <label class="choice">
    <input type="radio" name="what" checked={isChosen} onChange={onChoose} />
    <span>
      <strong>{title}</strong>
      <span class="quiet">{children}</span>
    </span>
  </label>
)
