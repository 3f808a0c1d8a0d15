/** The heading of a view, which is the title of the window too; takes the focus when the view changes. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

export function Heading({ text, children }: { text: string; children?: ComponentChildren }) {
  useEffect(() => {
    document.title = text === 'Images' ? 'Flotilla' : `${text} – Flotilla`
  }, [text])
  return <h1 tabIndex={-1}>{children ?? text}</h1>
}
