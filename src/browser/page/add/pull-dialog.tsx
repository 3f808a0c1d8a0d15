/** The dialog of the Pull button; loaded when it is opened. */
import { Dialog } from '../parts/dialog.tsx'
import { PullForm } from './pull-form.tsx'

export const PullDialog = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog title="Pull an image" onClose={onClose}>
    <PullForm onPull={onClose} />
  </Dialog>
)
