/** Gives an image another tag or repository in this browser: nothing is copied but its name. */
import { useId, useState } from 'preact/hooks'
import { copyImage } from '../../../core/client/copy-image.ts'
import { isName, isTag } from '../../../core/oci/name.ts'
import { tellChange } from '../changes-state.ts'
import { PlatformField } from '../image/platform-field.tsx'
import type { Image } from '../image/use-image.ts'
import { announce } from '../parts/announcement.tsx'
import { closeDialogOf, Dialog } from '../parts/dialog.tsx'
import { NAME_PROBLEM, TAG_PROBLEM } from '../parts/name-problems.ts'
import { Problem } from '../parts/problem.tsx'
import { shortDigest } from '../parts/texts.ts'
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
  const id = useId()
  const [state, setState] = useState<State>({ is: 'asking' })
  const copy = async (event: SubmitEvent) => {
    event.preventDefault()
    const wanted = readForm(event.currentTarget as HTMLFormElement, image.manifest.digest)
    if ('problem' in wanted) return setState({ is: 'malformed', ...wanted })
    setState({ is: 'working' })
    try {
      const other = state.is === 'taken' ? undefined : await otherImageAt(wanted)
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
    <Dialog title={`Copy or retag ${referenceText(name, shortReference(reference))}`} onClose={onClose}>
      <form class="form" onInput={() => state.is !== 'working' && setState({ is: 'asking' })} onSubmit={copy}>
        <p class="quiet">A second name for the same image in this browser. Its layers are stored once.</p>
        <div class="row name-and-tag">
          <div class="field">
            <label for={`${id}-name`}>Repository</label>
            <input id={`${id}-name`} name="repository" class="mono" required defaultValue={name} {...PLAIN} />
          </div>
          <div class="field">
            <label for={`${id}-tag`}>New tag</label>
            <input id={`${id}-tag`} name="tag" class="mono" required autofocus {...PLAIN} />
          </div>
        </div>
        <PlatformField image={image} isHeldOnly />
        {state.is === 'malformed' && (
          <p class="hint bad" role="alert">
            {state.problem}
          </p>
        )}
        {state.is === 'failed' && <Problem title="It did not get the name." failure={state.failure} />}
        {state.is === 'taken' && (
          <p class="note warn-note" role="alert">
            <span>
              <strong>{state.name} is taken.</strong> It is another image,{' '}
              <code class="digest">{shortDigest(state.by)}</code>. Move the tag to this one? That image keeps
              its digest and its other tags.
            </span>
          </p>
        )}
        <div class="form-actions">
          <button type="button" class="button" onClick={closeDialogOf}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={state.is === 'working'}>
            {state.is === 'taken' ? 'Move the tag' : 'Copy'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

const PLAIN = { autocomplete: 'off', autocapitalize: 'none', spellcheck: false } as const

function readForm(form: HTMLFormElement, whole: string): Wanted | { readonly problem: string } {
  const fields = new FormData(form)
  const text = (name: string) => String(fields.get(name) ?? '').trim()
  const [repository, tag] = [text('repository'), text('tag')]
  if (!isName(repository)) return { problem: NAME_PROBLEM }
  if (!isTag(tag)) return { problem: TAG_PROBLEM }
  return { repository, tag, digest: text('platform') || whole }
}

/** The digest that the tag names here now, if it is not this one. */
async function otherImageAt({ repository, tag, digest }: Wanted): Promise<string | undefined> {
  const there = await client.getManifest(repository, tag)
  return there && there.digest !== digest ? there.digest : undefined
}

/** In the same repository the manifest alone, which brings nothing along. */
async function giveName(name: string, { repository, tag, digest }: Wanted): Promise<void> {
  const from = { client, repository: name, reference: digest }
  await copyImage(from, { client, repository, tag }, { referrers: repository !== name })
}

const shortReference = (reference: string): string =>
  reference.includes(':') ? `sha256:${shortDigest(reference)}` : reference
