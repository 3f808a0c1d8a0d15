/** The ways to bring an image here, as dialogs. They are there at once: who opens one by keyboard types on. */
import { Dialog } from '../parts/dialog.tsx'
import { closeDialog, openedDialog } from './dialog-state.ts'
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
