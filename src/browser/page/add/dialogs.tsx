/** The ways to bring an image here, as dialogs. */
import { Dialog } from '../parts/dialog.tsx'
import { OnDemand } from '../parts/on-demand.tsx'
import { closeDialog, openedDialog } from './dialog-state.ts'
import { ImportForm } from './import-form.tsx'

export const Dialogs = () => (
  <>
    {openedDialog.value === 'import' && (
      <Dialog title="Import images" onClose={closeDialog}>
        <ImportForm onImport={closeDialog} />
      </Dialog>
    )}
    {openedDialog.value === 'pull' && (
      <OnDemand
        load={async () => (await import('./pull-dialog.tsx')).PullDialog}
        props={{ onClose: closeDialog }}
      />
    )}
  </>
)
