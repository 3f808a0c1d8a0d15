/** Asking peers for an image, by its reference. */
import { useId, useState } from 'preact/hooks'
import { parseImageReference, peersPath } from '../route.ts'
import { pullImage } from '../transfers/pull.ts'

const MALFORMED = 'A reference looks like library/alpine:3.22 or library/alpine@sha256:…, without a host.'

export function PullForm({ onPull }: { onPull?: () => void }) {
  const field = useId()
  const [problem, setProblem] = useState<string>()
  const pull = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const image = parseImageReference(String(form.get('reference')).trim())
    if (!image) return setProblem(MALFORMED)
    pullImage({ ...image, keep: form.has('keep') })
    onPull?.()
  }
  return (
    <form class="form" onSubmit={pull}>
      <div class="field">
        <label for={field}>Image</label>
        <input
          id={field}
          name="reference"
          class="mono"
          placeholder="repository:tag or repository@digest"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          required
          aria-invalid={problem !== undefined}
          aria-describedby={`${field}-hint`}
          onInput={() => setProblem(undefined)}
        />
        <p id={`${field}-hint`} class={problem ? 'hint bad' : 'hint'} role={problem ? 'alert' : undefined}>
          {problem ?? (
            <>
              Every byte is checked by its digest, whoever sends it. A tag is taken only from peers whose tags
              you <a href={peersPath}>trust</a>.
            </>
          )}
        </p>
      </div>
      <label class="check">
        <input type="checkbox" name="keep" defaultChecked />
        Keep it: never evict it to make room
      </label>
      <div class="form-actions">
        <button type="submit" class="button primary">
          Pull
        </button>
      </div>
    </form>
  )
}
