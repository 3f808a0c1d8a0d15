/** Prompts of imports: for permission to read the file or for the file again, after the page was left; and for a name. */
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { announce } from '../../components/announcement.tsx'
import { sizeText } from '../../components/text.ts'
import { parseImageReference } from '../../route.ts'
import { partsText } from '../progress-view.tsx'
import type { Need, Transfer } from '../transfer.ts'
import { resume } from '../transfers-state.ts'
import { isFileOf, resumeWith } from './import-files.ts'

interface GoOnProps {
  readonly transfer: Transfer<'import'>
  readonly needs: Need
}

export const ResumePrompt = ({ transfer, needs }: GoOnProps) =>
  needs === 'permission' ? <AskPermission transfer={transfer} /> : <AskFile transfer={transfer} />

function AskPermission({ transfer }: Omit<GoOnProps, 'needs'>) {
  const allow = async () => {
    const handle = transfer.task.peek().handle as FileSystemFileHandle & {
      requestPermission?(): Promise<PermissionState>
    }
    await handle.requestPermission?.().catch(() => {})
    resume(transfer)
  }
  return (
    <div class="go-on">
      <p>Interrupted.{hereText(transfer)} The browser asks whether the file may be read again.</p>
      <button type="button" class="button" onClick={allow}>
        Go on<span class="visually-hidden"> with {transfer.title}</span>
      </button>
    </div>
  )
}

function AskFile({ transfer }: Omit<GoOnProps, 'needs'>) {
  const input = useId()
  const [wrong, setWrong] = useState<File>()
  const { fileName, size } = transfer.task.value
  const choose = (event: Event) => {
    const file = (event.currentTarget as HTMLInputElement).files?.[0]
    if (!file) return
    if (isFileOf(transfer, file)) resumeWith(transfer, file)
    else setWrong(file)
  }
  return (
    <div class="go-on">
      <p>
        Interrupted. Choose {fileName} ({sizeText(size)}) again to go on.{hereText(transfer)}
      </p>
      <label class="button" for={input}>
        Choose file…
        <input id={input} class="visually-hidden" type="file" onChange={choose} />
      </label>
      {wrong && (
        <p class="hint bad" role="alert">
          This is {wrong.name} with {sizeText(wrong.size)}. Choose {fileName} with {sizeText(size)}, or cancel
          and import this one by itself.
        </p>
      )}
    </div>
  )
}

function hereText({ progress }: Transfer): string {
  const { parts } = progress.value
  if (parts.length === 0) return ''
  const text = partsText(parts)
  return ` ${text} ${text.startsWith('1 ') ? 'is' : 'are'} here.`
}

interface NameProps {
  readonly suggestion: string
  /** Only in the tab that runs the import. */
  readonly onName?: (text: string) => void
}

const QUESTION = 'The archive does not say what this is. Import it as'

export const NamePrompt = ({ suggestion, onName }: NameProps) =>
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

/** Takes the focus, unless the user is doing something else. */
function ask(input: HTMLInputElement): void {
  announce(QUESTION)
  const { activeElement } = document
  if (activeElement === document.body || activeElement?.closest('.transfers')) input.select()
}
