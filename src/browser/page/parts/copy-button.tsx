/** Copies a text, and says that it did. */
import { useState } from 'preact/hooks'
import { announce } from './announcement.tsx'
import { Icon } from './icon.tsx'

/** How long the button shows that it worked. */
const SHOWN_FOR = 1500

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
    setTimeout(() => setDone(false), SHOWN_FOR)
  }
  return (
    <button type="button" class="button bare" title={`Copy ${what}`} onClick={copy}>
      <Icon name={isDone ? 'done' : 'copy'} />
      <span class="visually-hidden">Copy {what}</span>
    </button>
  )
}
