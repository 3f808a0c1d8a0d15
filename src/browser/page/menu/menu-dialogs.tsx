/** The menu's dialogs, loaded when the first of them is opened. What opened one gets the focus back. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Problem } from '../parts/problem.tsx'
import { type MenuDialog, openedMenuDialog } from './menu-state.ts'

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
