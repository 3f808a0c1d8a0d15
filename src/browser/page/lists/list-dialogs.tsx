/** The dialogs that the rows of lists open; what is in them is loaded when they are. */
import { lazily } from '../parts/lazily.tsx'
import { UndoNotices } from '../removal/undo-notices.tsx'
import { endRemovalWish, focusNearby, removalWish } from '../removal/wish-state.ts'
import { endPullWish, pullWish } from './pull-state.ts'
import { endPushWish, pushWish } from './push-state.ts'

const PullDialog = lazily('the dialog', async () => (await import('./pull-dialog.tsx')).PullDialog)
const PushFromList = lazily('the dialog', async () => (await import('./push-from-list.tsx')).PushFromList)
const RemovalDialog = lazily(
  'the dialog',
  async () => (await import('../removal/removal-dialog.tsx')).RemovalDialog,
)

export const ListDialogs = () => (
  <>
    {pullWish.value && <PullDialog wish={pullWish.value} onClose={endPullWish} />}
    {pushWish.value && <PushFromList {...pushWish.value} onClose={endPushWish} />}
    {removalWish.value && (
      <RemovalDialog wish={removalWish.value} onClose={endRemovalWish} onRemove={focusNearby} />
    )}
    <UndoNotices />
  </>
)
