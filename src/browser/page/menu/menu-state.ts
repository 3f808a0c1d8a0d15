/** Which of the menu's dialogs is open. */
import { signal } from '@preact/signals'

export type MenuDialog = 'help' | 'settings'

export const openedMenuDialog = signal<MenuDialog | undefined>(undefined)
