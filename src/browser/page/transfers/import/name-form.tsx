/** Asks for the name of an image whose archive has none. */
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { announce } from '../../parts/announcement.tsx'
import { parseImageReference } from '../../route.ts'

interface NameProps {
  readonly suggestion: string
  /** Only in the tab that reads the archive. */
  readonly onName?: (text: string) => void
}

const QUESTION = 'The archive does not say what this is. Import it as'

export const NameForm = ({ suggestion, onName }: NameProps) =>
  onName ? (
    <Form suggestion={suggestion} onName={onName} />
  ) : (
    <p class="quiet">Another tab of this page asks for its name.</p>
  )

function Form({ suggestion, onName }: Required<NameProps>) {
  const field = useId()
  const input = useRef<HTMLInputElement>(null)
  const [isMalformed, setMalformed] = useState(false)
  useEffect(() => ask(input.current!), [])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get('name')).trim()
    if (parseImageReference(text)) onName(text)
    else setMalformed(true)
  }
  return (
    <form class="name-form" onSubmit={submit}>
      <label for={field}>{QUESTION}</label>
      <div class="row">
        <input
          ref={input}
          id={field}
          name="name"
          class="mono"
          required
          defaultValue={suggestion}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={isMalformed}
          aria-describedby={isMalformed ? `${field}-hint` : undefined}
        />
        <button type="submit" class="button primary">
          Import<span class="visually-hidden"> under this name</span>
        </button>
      </div>
      {isMalformed && (
        <p id={`${field}-hint`} class="hint bad" role="alert">
          A name looks like library/alpine:3.22.
        </p>
      )}
    </form>
  )
}

/** Takes the focus, unless its user is about something else. */
function ask(input: HTMLInputElement): void {
  announce(QUESTION)
  const { activeElement } = document
  if (activeElement === document.body || activeElement?.closest('.transfers')) input.select()
}
