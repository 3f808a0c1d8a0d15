/** What is seldom needed: the browser's own popover, which a click beside it or Esc closes. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { registryState } from '../registry.ts'
import { type MenuDialog, openedMenuDialog } from './menu-state.ts'

/** Of package.json, put in by the build. */
declare const FLOTILLA_VERSION: string

export function Menu() {
  const menu = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const toggled = (event: Event) => setOpen((event as ToggleEvent).newState === 'open')
    menu.current?.addEventListener('toggle', toggled)
    return () => menu.current?.removeEventListener('toggle', toggled)
  }, [])
  const open = (dialog: MenuDialog) => () => {
    menu.current?.hidePopover()
    openedMenuDialog.value = dialog
  }
  const hasSettings = registryState.value !== 'hindered'
  return (
    <>
      <button type="button" class="button" popovertarget="menu" aria-expanded={isOpen} aria-controls="menu">
        <Icon name="menu" />
        <span class="visually-hidden">Menu</span>
      </button>
      <div id="menu" ref={menu} class="menu" popover="auto">
        <button type="button" class="menu-item" onClick={open('help')}>
          Help
        </button>
        <button type="button" class="menu-item" disabled={!hasSettings} onClick={open('settings')}>
          Settings
        </button>
        <a class="menu-item" href="/flotilla/reset">
          Reset…
        </a>
        <p class="menu-note">Flotilla {FLOTILLA_VERSION}</p>
      </div>
    </>
  )
}
