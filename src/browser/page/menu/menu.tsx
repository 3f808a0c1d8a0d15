/** The menu, a native popover, and its dialogs, which are loaded when they are opened. */

import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../components/icons.tsx'
import { Problem } from '../components/problem.tsx'
import { registryState } from '../registry.ts'

/** The version in package.json, defined by the build. */
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
  const hasSettings = registryState.value !== 'failed'
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

export type MenuDialog = 'help' | 'settings'

export const openedMenuDialog = signal<MenuDialog | undefined>(undefined)

type Loaded = ComponentType<{ onClose: () => void }>

const LOAD: Record<MenuDialog, () => Promise<Loaded>> = {
  help: async () => (await import('./help-dialog.tsx')).HelpDialog,
  settings: async () => (await import('./settings-dialog.tsx')).SettingsDialog,
}

export function MenuDialogs() {
  const name = openedMenuDialog.value
  return name ? <Opened key={name} name={name} /> : null
}

function Opened({ name }: { name: MenuDialog }) {
  const [{ Loaded, failure }, setLoaded] = useState<{ Loaded?: Loaded; failure?: unknown }>({})
  useEffect(() => {
    LOAD[name]().then(
      (Loaded) => setLoaded({ Loaded }),
      (failure) => setLoaded({ failure }),
    )
  }, [name])
  if (failure !== undefined) return <Problem title="The dialog could not be loaded." failure={failure} />
  return Loaded ? <Loaded onClose={close} /> : null
}

function close(): void {
  openedMenuDialog.value = undefined
  document.querySelector<HTMLElement>('[popovertarget="menu"]')?.focus()
}
