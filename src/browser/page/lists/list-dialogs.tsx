/** The dialogs that the rows of lists open; what is in them is loaded when they are. */
import { OnDemand } from '../parts/on-demand.tsx'
import { UndoNotices } from '../removal/undo-notices.tsx'
import { endRemovalWish, focusNearby, removalWish } from '../removal/wish-state.ts'
import { endPullWish, pullWish } from './pull-state.ts'
import { endPushWish, pushWish } from './push-state.ts'

export const ListDialogs = () => (
  <>
    {pullWish.value && (
      <OnDemand
        load={async () => (await import('./pull-dialog.tsx')).PullDialog}
        props={{ wish: pullWish.value, onClose: endPullWish }}
      />
    )}
    {pushWish.value && (
      <OnDemand
        load={async () => (await import('./push-from-list.tsx')).PushFromList}
        props={{ ...pushWish.value, onClose: endPushWish }}
      />
    )}
    {removalWish.value && (
      <OnDemand
        load={async () => (await import('../removal/removal-dialog.tsx')).RemovalDialog}
        props={{ wish: removalWish.value, onClose: endRemovalWish, onRemove: focusNearby }}
      />
    )}
    <UndoNotices />
  </>
)
