/** Imports archives that are dropped anywhere, and says what may be dropped while something is dragged over the page. */
import { useEffect, useState } from 'preact/hooks'
import { type Dragged, droppedFiles, whatIsDragged } from '../add/chosen-files.ts'
import { Icon } from '../components/icons.tsx'
import { importFiles } from '../transfers/start-transfer.ts'

export function DropArea() {
  const [dragged, setDragged] = useState<Dragged>()
  useEffect(() => listenForDrops(setDragged), [])
  if (!dragged) return null
  return (
    <div class="drop-area" aria-hidden="true">
      <p>
        <Icon name="import" /> {dragged === 'other' ? 'This is not an image archive' : 'Drop to import'}
        <small>
          What can be imported: <code>docker save</code> archives and OCI layouts, as <code>.tar</code>,{' '}
          <code>.tar.gz</code> or <code>.tar.zst</code>
        </small>
      </p>
    </div>
  )
}

function listenForDrops(onOver: (dragged: Dragged | undefined) => void): () => void {
  const ending = new AbortController()
  const { signal } = ending
  const over = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    onOver(whatIsDragged(event.dataTransfer))
  }
  const leave = (event: DragEvent) => event.relatedTarget === null && onOver(undefined)
  const drop = async (event: DragEvent) => {
    onOver(undefined)
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    importFiles(await droppedFiles(event.dataTransfer))
  }
  addEventListener('dragover', over, { signal })
  addEventListener('dragleave', leave, { signal })
  addEventListener('drop', drop, { signal })
  return () => ending.abort()
}
