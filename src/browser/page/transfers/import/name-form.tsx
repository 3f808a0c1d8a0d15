/** Asks for the name of an image whose archive has none. */
import { useId, useState } from 'preact/hooks'
import { parseImageReference } from '../route.ts'

interface NameProps {
  readonly suggestion: string
  readonly onName: (text: string) => void
}

export function NameForm({ suggestion, onName }: NameProps) {
  const field = useId()
  const [isMalformed, setMalformed] = useState(false)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get('name')).trim()
    if (parseImageReference(text)) onName(text)
    else setMalformed(true)
  }
  return (
    <form class="name-form" onSubmit={submit}>
      <label for={field}>The archive does not say what this is. Push it as</label>
      <div class="row">
        <input id={field} name="name" class="mono" required defaultValue={suggestion} autocomplete="off" />
        <button type="submit" class="button primary">
          Push
        </button>
      </div>
      {isMalformed && (
        <p class="hint bad" role="alert">
          A name looks like library/alpine:3.22.
        </p>
      )}
    </form>
  )
}
