/** Asks for what an import needs to go on after its page was left: leave to read the file, or the file itself. */
import { useId, useState } from 'preact/hooks'
import { sizeText } from '../../parts/sizes.ts'
import { partsText } from '../part-list.tsx'
import type { Need, Transfer } from '../transfer.ts'
import { resume } from '../transfers-state.ts'
import { goOn, isFileOf } from './import-files.ts'

interface GoOnProps {
  readonly transfer: Transfer<'import'>
  readonly needs: Need
}

export const GoOn = ({ transfer, needs }: GoOnProps) =>
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
    if (isFileOf(transfer, file)) goOn(transfer, file)
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
