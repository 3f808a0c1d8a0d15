/** Searches a list as the user types; the key `/` focuses it, as on many sites. */
import { useEffect, useRef } from 'preact/hooks'

interface SearchProps {
  readonly what: string
  readonly text: string
  readonly onText: (text: string) => void
}

export function SearchField({ what, text, onText }: SearchProps) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return
      event.preventDefault()
      field.current?.focus()
    }
    document.addEventListener('keydown', jump)
    return () => document.removeEventListener('keydown', jump)
  }, [])
  return (
    <input
      ref={field}
      type="search"
      class="filter"
      placeholder={`Search ${what}`}
      aria-label={`Search ${what}`}
      aria-keyshortcuts="/"
      value={text}
      autocapitalize="none"
      spellcheck={false}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  )
}

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, dialog') !== null
