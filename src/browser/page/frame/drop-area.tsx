/** Archives may be dropped anywhere; while some are dragged over the page, it says so. */
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { pushFiles } from '../transfers/push.ts'

export function DropArea() {
  const [isOver, setOver] = useState(false)
  useEffect(() => listenForDrops(setOver), [])
  if (!isOver) return null
  return (
    <div class="drop-area" aria-hidden="true">
      <p>
        <Icon name="push" /> Drop to push
      </p>
    </div>
  )
}

function listenForDrops(onOver: (isOver: boolean) => void): () => void {
  const ending = new AbortController()
  const { signal } = ending
  const over = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    onOver(true)
  }
  const leave = (event: DragEvent) => event.relatedTarget === null && onOver(false)
  const drop = (event: DragEvent) => {
    onOver(false)
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault()
    pushFiles(files)
  }
  addEventListener('dragover', over, { signal })
  addEventListener('dragleave', leave, { signal })
  addEventListener('drop', drop, { signal })
  return () => ending.abort()
}
