/**
 * A modal `<dialog>` with a heading and a close button. When it opens, its first field gets the focus; when it closes,
 * the element that opened it gets the focus back.
 */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { Icon } from './icons.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

const FIELD = 'input:not([type=hidden]), select, textarea'

export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useLayoutEffect(() => open(element.current!), [])
  return (
    <dialog ref={element} class="dialog" aria-labelledby={heading} closedby="any" onClose={onClose}>
      <header class="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" class="button bare" onClick={() => element.current?.close()}>
          <Icon name="close" />
          <span class="visually-hidden">Close</span>
        </button>
      </header>
      {children}
    </dialog>
  )
}

/** @returns the cleanup for unmounting: browsers restore the focus only if the dialog was closed */
function open(dialog: HTMLDialogElement): () => void {
  const opener = document.activeElement
  dialog.showModal()
  const loading = new MutationObserver(() => focusField(dialog) && loading.disconnect())
  if (!focusField(dialog)) loading.observe(dialog, { childList: true, subtree: true })
  return () => {
    loading.disconnect()
    const { activeElement } = document
    const isLost = activeElement === document.body || dialog.contains(activeElement)
    if (isLost && opener instanceof HTMLElement) opener.focus()
  }
}

/** `false` if there is no field yet: some forms are loaded when they are opened. */
function focusField(dialog: HTMLDialogElement): boolean {
  const field = dialog.querySelector<HTMLElement>('[autofocus]') ?? dialog.querySelector<HTMLElement>(FIELD)
  field?.focus()
  return field !== null
}

/** Closes the dialog that contains the event's target. */
export const closeDialogOf = (event: Event): void => (event.target as Element).closest('dialog')?.close()
