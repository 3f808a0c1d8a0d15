/** The import and pull dialogs. They are not loaded on demand, so that keyboard users can type at once. */

import { signal } from '@preact/signals'
import { Dialog } from '../components/dialog.tsx'
import { ImportForm } from './import-form.tsx'
import { PullForm } from './pull-form.tsx'

export const Dialogs = () => (
  <>
    {openedDialog.value === 'import' && (
      <Dialog title="Import images" onClose={closeDialog}>
        <ImportForm onImport={closeDialog} />
      </Dialog>
    )}
    {openedDialog.value === 'pull' && (
      <Dialog title="Pull an image" onClose={closeDialog}>
        <PullForm onPull={closeDialog} />
      </Dialog>
    )}
  </>
)

export type DialogName = 'import' | 'pull'

export const openedDialog = signal<DialogName | undefined>(undefined)

export const openDialog = (name: DialogName): void => {
  openedDialog.value = name
}

export const closeDialog = (): void => {
  openedDialog.value = undefined
}
