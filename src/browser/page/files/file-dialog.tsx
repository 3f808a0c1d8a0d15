/** A file of an image: its text, if it is one, and a download. Nothing in the file is executed or rendered. */
import { useEffect, useState } from 'preact/hooks'
import type { Row, View } from '../../../core/layers/list-files.ts'
import { CopyButton } from '../components/buttons.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Icon } from '../components/icons.tsx'
import { Loading } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { sizeText } from '../components/text.ts'
import { visibleLines, visibleText } from '../components/visible-text.ts'
import { saveFile, textIn } from './file-text.ts'
import type { FilesReader } from './reader.tsx'
import { stepsOf } from './use-folders.ts'

interface DialogProps {
  readonly reader: FilesReader
  readonly row: Row
  readonly view: View
  readonly onClose: () => void
}

const MAX_SHOWN_BYTES = 256 * 1024

/** Larger files cannot be downloaded, because they are assembled in memory. */
const MAX_SAVED_BYTES = 512 * 1024 * 1024

export function FileDialog({ reader, row, view, onClose }: DialogProps) {
  const { path, name, size } = row
  const [bytes, setBytes] = useState<Uint8Array<ArrayBuffer>>()
  const [failure, setFailure] = useState<unknown>()
  const [isSaving, setSaving] = useState(false)
  useEffect(() => {
    reader
      .content(stepsOf(path), view, MAX_SHOWN_BYTES)
      .then((content) => setBytes(content.bytes), setFailure)
  }, [])
  const save = async () => {
    setSaving(true)
    try {
      const { bytes } = await reader.content(stepsOf(path), view, MAX_SAVED_BYTES)
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
      {bytes && text === undefined && <p>This is not text. Download it to open it elsewhere.</p>}
      {bytes && bytes.length < size && text !== undefined && (
        <p class="hint">The first {sizeText(bytes.length)} are shown.</p>
      )}
      <div class="form-actions">
        {size <= MAX_SAVED_BYTES ? (
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
