/** A file input for archives to import, which can also be dropped. */
import { useId } from 'preact/hooks'
import { Icon } from '../components/icons.tsx'
import type { ChosenFile } from '../transfers/import/import-files.ts'
import { importFiles } from '../transfers/start-transfer.ts'
import { pickFiles } from './chosen-files.ts'

const ACCEPTED = '.tar,.tar.gz,.tgz,.tar.zst,.gz,.zst,application/x-tar,application/gzip,application/zstd'

export function ImportForm({ onImport }: { onImport?: () => void }) {
  const input = useId()
  const take = (chosen: readonly ChosenFile[]) => {
    if (chosen.length === 0) return
    onImport?.()
    importFiles(chosen)
  }
  const change = (event: Event) => {
    const { files } = event.currentTarget as HTMLInputElement
    take([...(files ?? [])].map((file) => ({ file })))
  }
  return (
    <div class="drop-zone">
      <Icon name="import" />
      <p>
        Drop archives here, or anywhere on the page:
        <br />
        <code>docker save</code> or OCI layout, as <code>.tar</code>, <code>.tar.gz</code> or{' '}
        <code>.tar.zst</code>
      </p>
      <label class="button primary" for={input}>
        Choose files…
        <input
          id={input}
          class="visually-hidden"
          type="file"
          multiple
          accept={ACCEPTED}
          onClick={(event) => pickFiles(event, take)}
          onChange={change}
        />
      </label>
    </div>
  )
}
