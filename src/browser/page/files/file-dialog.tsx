/** One file of an image: its text, where it is one, and the way to have it. Nothing in it is run or drawn. */
import { useEffect, useState } from 'preact/hooks'
import type { Row, View } from '../../../core/layers/look.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { visibleLines, visibleText } from '../parts/visible-text.ts'
import type { FilesReader } from './reader.ts'
import { saveFile } from './save-file.ts'
import { textIn } from './text-in.ts'
import { stepsOf } from './use-folders.ts'

interface DialogProps {
  readonly reader: FilesReader
  readonly row: Row
  readonly view: View
  readonly onClose: () => void
}

/** Bytes of a file that are shown. */
const MAX_SHOWN = 256 * 1024

/** Bytes of a file that are put together in memory to be saved. */
const MAX_SAVED = 512 * 1024 * 1024

export function FileDialog({ reader, row, view, onClose }: DialogProps) {
  const { path, name, size } = row
  const [bytes, setBytes] = useState<Uint8Array<ArrayBuffer>>()
  const [failure, setFailure] = useState<unknown>()
  const [isSaving, setSaving] = useState(false)
  useEffect(() => {
    reader.content(stepsOf(path), view, MAX_SHOWN).then((content) => setBytes(content.bytes), setFailure)
  }, [])
  const save = async () => {
    setSaving(true)
    try {
      const { bytes } = await reader.content(stepsOf(path), view, MAX_SAVED)
      saveFile(bytes, name)
    } catch (failure) {
      setFailure(failure)
    }
    setSaving(false)
  }
  const text = bytes && textIn(bytes)
  return (
    <Dialog title={visibleText(name)} onClose={onClose}>
      <p class="quiet file-path">
        <code class="wrap">{visibleText(path)}</code>, {sizeText(size)}
      </p>
      {failure !== undefined && <Problem title="The file could not be read." failure={failure} />}
      {!bytes && failure === undefined && <Loading what="the file" />}
      {text !== undefined && (
        <div class="raw file-text">
          <CopyButton text={text} what="text" />
          <pre>{visibleLines(text)}</pre>
        </div>
      )}
      {bytes && text === undefined && <p>This is no text. Download it to open it elsewhere.</p>}
      {bytes && bytes.length < size && text !== undefined && (
        <p class="hint">The first {sizeText(bytes.length)} are shown.</p>
      )}
      <div class="form-actions">
        {size <= MAX_SAVED ? (
          <button type="button" class="button" disabled={isSaving} onClick={save}>
            <Icon name="pull" /> {isSaving ? 'Reading…' : 'Download'}
          </button>
        ) : (
          <p class="hint">It is too large to be taken out of the layer here.</p>
        )}
      </div>
    </Dialog>
  )
}
