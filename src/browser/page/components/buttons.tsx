/** Buttons of several views: copy, show more. */
import { useState } from 'preact/hooks'
import { announce } from './announcement.tsx'
import { Icon } from './icons.tsx'

/** Milliseconds for which the button shows that it worked. */
const SHOWN_MS = 1500

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [isDone, setDone] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      return announce(`Not copied, as the browser does not allow it: ${what}`)
    }
    announce(`Copied: ${what}`)
    setDone(true)
    setTimeout(() => setDone(false), SHOWN_MS)
  }
  return (
    <button type="button" class="button bare" title={`Copy ${what}`} onClick={copy}>
      <Icon name={isDone ? 'done' : 'copy'} />
      <span class="visually-hidden">Copy {what}</span>
    </button>
  )
}

interface MoreProps {
  readonly shown: number
  readonly total?: number
  readonly onMore: () => void
}

export const MoreButton = ({ shown, total, onMore }: MoreProps) => (
  <p class="more">
    <button type="button" class="button" onClick={onMore}>
      Show more
    </button>
    <span class="quiet">
      {shown.toLocaleString('en')} shown{total !== undefined && ` of ${total.toLocaleString('en')}`}
    </span>
  </p>
)
