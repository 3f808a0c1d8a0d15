/** Gives an image another tag or repository in this browser: nothing is copied but its name. */
import { useState } from 'preact/hooks'
import { copyImage } from '../../../core/client/copy-image.ts'
import { tellChange } from '../changes-state.ts'
import {
  NameFields,
  otherImageAt,
  readName,
  shortReferenceText,
  TakenNote,
  textIn,
} from '../image/name-fields.tsx'
import { PlatformField } from '../image/platform-field.tsx'
import type { Image } from '../image/use-image.ts'
import { announce } from '../parts/announcement.tsx'
import { closeDialogOf, Dialog } from '../parts/dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { client } from '../requests/request.ts'
import { imagePath, referenceText } from '../route.ts'
import { navigate } from '../route-state.ts'

interface CopyProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly onClose: () => void
}

type State =
  | { readonly is: 'asking' | 'working' }
  | { readonly is: 'malformed'; readonly problem: string }
  | { readonly is: 'failed'; readonly failure: unknown }
  /** The tag names another image. */
  | { readonly is: 'taken'; readonly name: string; readonly by: string }

interface Wanted {
  readonly repository: string
  readonly tag: string
  /** Of what gets the name. */
  readonly digest: string
}

export function CopyDialog({ name, reference, image, onClose }: CopyProps) {
  const [state, setState] = useState<State>({ is: 'asking' })
  const copy = async (event: SubmitEvent) => {
    event.preventDefault()
    const wanted = readForm(event.currentTarget as HTMLFormElement, image.manifest.digest)
    if ('problem' in wanted) return setState({ is: 'malformed', ...wanted })
    setState({ is: 'working' })
    try {
      const other = state.is === 'taken' ? undefined : await otherImageAt(client, wanted, wanted.digest)
      const text = referenceText(wanted.repository, wanted.tag)
      if (other) return setState({ is: 'taken', name: text, by: other })
      await giveName(name, wanted)
      closeDialogOf(event)
      announce(`Done: the image is ${text} too`)
      tellChange()
      navigate(imagePath(wanted.repository, wanted.tag))
    } catch (failure) {
      setState({ is: 'failed', failure })
    }
  }
  return (
    <Dialog title={`Copy or retag ${shortReferenceText(name, reference)}`} onClose={onClose}>
      <form class="form" onInput={() => state.is !== 'working' && setState({ is: 'asking' })} onSubmit={copy}>
        <p class="quiet">A second name for the same image in this browser. Its layers are stored once.</p>
        <NameFields name={name} tagLabel="New tag" />
        <PlatformField image={image} isHeldOnly />
        {state.is === 'malformed' && (
          <p class="hint bad" role="alert">
            {state.problem}
          </p>
        )}
        {state.is === 'failed' && <Problem title="It did not get the name." failure={state.failure} />}
        {state.is === 'taken' && <TakenNote name={state.name} place="Here" digest={state.by} />}
        <div class="form-actions">
          <button type="button" class="button" onClick={closeDialogOf}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={state.is === 'working'}>
            {state.is === 'taken' ? 'Replace it' : 'Copy'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function readForm(form: HTMLFormElement, whole: string): Wanted | { readonly problem: string } {
  const fields = new FormData(form)
  const named = readName(fields)
  if ('problem' in named) return named
  return {
    repository: named.repository,
    tag: named.tag ?? 'latest',
    digest: textIn(fields, 'platform') || whole,
  }
}

/** In the same repository the manifest alone, which brings nothing along. */
async function giveName(name: string, { repository, tag, digest }: Wanted): Promise<void> {
  const from = { client, repository: name, reference: digest }
  await copyImage(from, { client, repository, tag }, { referrers: repository !== name })
}
