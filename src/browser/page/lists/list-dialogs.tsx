/** The dialogs that the rows of lists open; what is in them is loaded with the first. */
import { UndoNotices } from '../removal/undo-notices.tsx'
import { endRemovalWish, focusNearby, removalWish } from '../removal/wish-state.ts'
import { endWish, pullWish } from './pull-state.ts'
import { useModule } from './use-module.ts'

export const ListDialogs = () => (
  <>
    {pullWish.value && <Pull />}
    {removalWish.value && <Removal />}
    <UndoNotices />
  </>
)

function Pull() {
  const PullDialog = useModule(async () => (await import('./pull-dialog.tsx')).PullDialog)
  return PullDialog && pullWish.value ? <PullDialog wish={pullWish.value} onClose={endWish} /> : null
}

function Removal() {
  const RemovalDialog = useModule(async () => (await import('../removal/removal-dialog.tsx')).RemovalDialog)
  if (!RemovalDialog || !removalWish.value) return null
  return <RemovalDialog wish={removalWish.value} onClose={endRemovalWish} onRemove={focusNearby} />
}
