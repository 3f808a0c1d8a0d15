/** Which of the dialogs that bring images is open. */
import { signal } from '@preact/signals'

export type DialogName = 'import' | 'pull'

export const openedDialog = signal<DialogName | undefined>(undefined)

export const openDialog = (name: DialogName): void => {
  openedDialog.value = name
}

export const closeDialog = (): void => {
  openedDialog.value = undefined
}
