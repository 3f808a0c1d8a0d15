/** The two ways to bring an image here, as dialogs. */
import { Dialog } from '../parts/dialog.tsx'
import { closeDialog, openedDialog } from './dialog-state.ts'
import { PullForm } from './pull-form.tsx'
import { PushForm } from './push-form.tsx'

export const Dialogs = () => (
  <>
    {openedDialog.value === 'push' && (
      <Dialog title="Push images" onClose={closeDialog}>
        <PushForm onPush={closeDialog} />
      </Dialog>
    )}
    {openedDialog.value === 'pull' && (
      <Dialog title="Pull an image" onClose={closeDialog}>
        <PullForm onPull={closeDialog} />
      </Dialog>
    )}
  </>
)
