/**
 * A field for the name of an image, with completions from connected peers.
 *
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 */
import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { type Completion, useCompletions } from './completions.ts'

interface FieldProps {
  readonly text: string
  readonly onText: (text: string) => void
  readonly isMalformed: boolean
  readonly isInDialog: boolean
  /** The hint below the field. */
  readonly children: ComponentChildren
}

export function ImageField({ text, onText, isMalformed, isInDialog, children }: FieldProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [isOpen, setOpen] = useState(false)
  const [isEnabled, setEnabled] = useState(isInDialog)
  const [active, setActive] = useState(-1)
  const listed = useCompletions(text, isEnabled)
  const isShown = isOpen && listed.length > 0
  const change = (text: string, isOpen = true) => {
    onText(text)
    setOpen(isOpen)
    setActive(-1)
  }
  /** After a repository, its tags are offered. */
  const take = ({ text }: Completion) => {
    change(text, text.endsWith(':'))
    input.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && listed.length > 0) {
      setOpen(true)
      setActive(isShown ? stepFrom(active, step, listed.length) : step > 0 ? 0 : listed.length - 1)
    } else if (isShown && event.key === 'Enter' && listed[active]) take(listed[active])
    else if (isShown && event.key === 'Escape') setOpen(false)
    else return
    event.preventDefault()
  }
  return (
    <div class="field combobox" onFocusOut={leaves(() => setOpen(false))}>
      <label for={id}>Image</label>
      <input
        ref={input}
        id={id}
        class="mono"
        placeholder="repository:tag or repository@digest"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
        autofocus={isInDialog}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={`${id}-offers`}
        aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={isMalformed}
        aria-describedby={`${id}-hint`}
        value={text}
        onFocus={() => setEnabled(true)}
        onClick={() => setOpen(true)}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}-offers`}
        class="offers"
        role="listbox"
        aria-label="At connected peers"
        tabIndex={-1}
        hidden={!isShown}
      >
        {listed.map((completion, index) => (
          <button
            key={completion.text}
            ref={index === active ? intoView : null}
            id={`${id}-${index}`}
            type="button"
            role="option"
            aria-selected={index === active}
            tabIndex={-1}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(completion)}
          >
            <span class="mono">{completion.shown}</span> <span class="quiet">{completion.where}</span>
          </button>
        ))}
      </div>
      <div id={`${id}-hint`}>{children}</div>
    </div>
  )
}

/** Steps cyclically; between the last and the first option, none is active. */
const stepFrom = (active: number, step: number, count: number): number =>
  ((active + 1 + step + count + 1) % (count + 1)) - 1

const intoView = (element: HTMLElement | null) => element?.scrollIntoView({ block: 'nearest' })

/** Calls `then` when the focus leaves the element. */
const leaves = (then: () => void) => (event: FocusEvent) => {
  const { currentTarget, relatedTarget } = event
  if (!(currentTarget as Element).contains(relatedTarget as Node | null)) then()
}
