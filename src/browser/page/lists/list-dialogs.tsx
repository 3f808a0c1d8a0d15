/** The dialogs that rows of lists open, each with a signal for what it is about. Their content is loaded on demand. */

import { signal } from '@preact/signals'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { lazily } from '../components/loading.tsx'
import type { DeletionTarget } from '../deletion/plans.ts'
import { UndoNotices } from '../deletion/undo-notices.tsx'
import type { PullTarget } from './pull-dialog.tsx'

const PullDialog = lazily('the dialog', async () => (await import('./pull-dialog.tsx')).PullDialog)
const PushFromList = lazily('the dialog', async () => (await import('../push/push-dialog.tsx')).PushFromList)
const DeletionDialog = lazily(
  'the dialog',
  async () => (await import('../deletion/deletion-dialog.tsx')).DeletionDialog,
)

export const ListDialogs = () => (
  <>
    {pullTarget.value && <PullDialog target={pullTarget.value} onClose={closePullDialog} />}
    {pushTarget.value && <PushFromList {...pushTarget.value} onClose={closePushDialog} />}
    {deletionTarget.value && (
      <DeletionDialog target={deletionTarget.value} onClose={closeDeletionDialog} onDelete={focusNearby} />
    )}
    <UndoNotices />
  </>
)

export const pullTarget = signal<PullTarget | undefined>(undefined)

export const openPullDialog = async (target: PullTarget): Promise<void> => {
  const [first, ...others] = target.tags ?? []
  // A single-platform image under a trusted tag leaves nothing to ask.
  if (!first?.remote.isTrusted || others.length > 0 || isIndexType(first.tag.mediaType)) {
    pullTarget.value = target
    return
  }
  const { pullTag } = await import('./pull.ts')
  const { name: tag, digest } = first.tag
  await pullTag({ repository: target.repository, tag, digest, isTrusted: true })
}

export const closePullDialog = (): void => {
  pullTarget.value = undefined
}

interface PushTarget {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
}

export const pushTarget = signal<PushTarget | undefined>(undefined)

export const openPushDialog = (target: PushTarget): void => {
  pushTarget.value = target
}

export const closePushDialog = (): void => {
  pushTarget.value = undefined
}

export const deletionTarget = signal<DeletionTarget | undefined>(undefined)

let rows: readonly (Element | null)[] = []

/** @param event - of the button: its row, or a neighbour, gets the focus after the deletion */
export const openDeletionDialog = (target: DeletionTarget, event: Event): void => {
  const row = (event.currentTarget as Element).closest('tr')
  rows = row ? [row, row.nextElementSibling, row.previousElementSibling] : []
  deletionTarget.value = target
}

export const closeDeletionDialog = (): void => {
  deletionTarget.value = undefined
}

/** Waits until the list has been rendered without the deleted row. */
export async function focusNearby(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  const row = rows.find((row) => row?.isConnected)
  const link = row?.querySelector<HTMLElement>('.row-link') ?? document.querySelector<HTMLElement>('main h1')
  link?.focus()
}
