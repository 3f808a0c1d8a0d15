/** Gives an image another tag or repository in this browser; its layers are not copied. */
import { useState } from 'preact/hooks'
import { copyImage } from '../../../core/client/copy-image.ts'
import { announce } from '../components/announcement.tsx'
import { closeDialogOf, Dialog } from '../components/dialog.tsx'
import { Problem } from '../components/problem.tsx'
import { navigate } from '../navigation.ts'
import { client } from '../requests/request.ts'
import { invalidate } from '../requests/use-query.ts'
import { imagePath, referenceText } from '../route.ts'
import {
  NameFields,
  otherImageAt,
  PlatformField,
  readName,
  shortReferenceText,
  TakenNote,
  textIn,
} from './name-fields.tsx'
import type { Image } from './use-image.ts'

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
  /** The tag refers to a different image. */
  | { readonly is: 'taken'; readonly name: string; readonly by: string }

interface CopyInput {
  readonly repository: string
  readonly tag: string
  /** The digest of the image that gets the name. */
  readonly digest: string
}

export function CopyDialog({ name, reference, image, onClose }: CopyProps) {
  const [state, setState] = useState<State>({ is: 'asking' })
  const copy = async (event: SubmitEvent) => {
    event.preventDefault()
    const input = readForm(event.currentTarget as HTMLFormElement, image.manifest.digest)
    if ('problem' in input) return setState({ is: 'malformed', ...input })
    setState({ is: 'working' })
    try {
      const other = state.is === 'taken' ? undefined : await otherImageAt(client, input, input.digest)
      const text = referenceText(input.repository, input.tag)
      if (other) return setState({ is: 'taken', name: text, by: other })
      await addName(name, input)
      closeDialogOf(event)
      announce(`Done: the image is ${text} too`)
      invalidate()
      navigate(imagePath(input.repository, input.tag))
    } catch (failure) {
      setState({ is: 'failed', failure })
    }
  }
  return (
    <Dialog title={`Copy or retag ${shortReferenceText(name, reference)}`} onClose={onClose}>
      <form class="form" onInput={() => state.is !== 'working' && setState({ is: 'asking' })} onSubmit={copy}>
        <p class="quiet">A second name for the same image in this browser. Its layers are stored once.</p>
        <NameFields name={name} tagLabel="New tag" />
        <PlatformField image={image} isStoredOnly />
        {state.is === 'malformed' && (
          <p class="hint bad" role="alert">
            {state.problem}
          </p>
        )}
        {state.is === 'failed' && <Problem title="The name could not be given." failure={state.failure} />}
        {state.is === 'taken' && <TakenNote name={state.name} where="Here" digest={state.by} />}
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

function readForm(form: HTMLFormElement, whole: string): CopyInput | { readonly problem: string } {
  const fields = new FormData(form)
  const named = readName(fields)
  if ('problem' in named) return named
  return {
    repository: named.repository,
    tag: named.tag ?? 'latest',
    digest: textIn(fields, 'platform') || whole,
  }
}

/** Within a repository, only the manifest is copied; referrers are there already. */
async function addName(name: string, { repository, tag, digest }: CopyInput): Promise<void> {
  const from = { client, repository: name, reference: digest }
  await copyImage(from, { client, repository, tag }, { referrers: repository !== name })
}
