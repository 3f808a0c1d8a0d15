/** The heading of a view, which is the title of the window too; takes the focus when the view changes. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { viewTitle } from '../parts/window-title.ts'

export function Heading({ text, children }: { text: string; children?: ComponentChildren }) {
  useEffect(() => {
    viewTitle.value = text === 'Images' ? 'Flotilla' : `${text} – Flotilla`
  }, [text])
  return <h1 tabIndex={-1}>{children ?? text}</h1>
}
