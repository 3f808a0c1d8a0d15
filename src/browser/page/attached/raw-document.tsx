/** The document itself, for those who want to see it, and as a file. */
import { saveFile } from '../files/save-file.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Icon } from '../parts/icon.tsx'
import { visibleLines } from '../parts/visible-text.ts'

interface RawProps {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Out of its wrappings; `undefined` where it is no JSON. */
  readonly document: unknown
  /** `undefined` where it is none. */
  readonly text: string | undefined
}

/** Letters that are drawn. */
const MOST = 200_000

export function RawDocument({ bytes, document, text }: RawProps) {
  const whole = document === undefined ? text : JSON.stringify(document, undefined, 2)
  return (
    <>
      {whole === undefined && <p>This is no text. Download it to open it elsewhere.</p>}
      {whole !== undefined && (
        <details>
          <summary>The document itself</summary>
          <div class="raw">
            <CopyButton text={whole} what="document" />
            <pre>{visibleLines(whole.slice(0, MOST))}</pre>
          </div>
          {whole.length > MOST && (
            <p class="hint">Only its beginning is shown; the download has all of it.</p>
          )}
        </details>
      )}
      <p>
        <button type="button" class="button" onClick={() => saveFile(bytes, 'document.json')}>
          <Icon name="pull" /> Download the document
        </button>
      </p>
    </>
  )
}
