/** Pulled images that take more than they may: what becomes of it, where it is seen at once. */
import { Icon } from '../parts/icon.tsx'
import { sizeText } from '../parts/sizes.ts'
import type { StorageUse } from '../requests/owner.ts'

/** Bytes that images from peers take above `limit`, unfinished pulls included. */
export const excessOf = ({ bytes }: Pick<StorageUse, 'bytes'>, limit: number | null): number =>
  limit === null ? 0 : Math.max(0, bytes.cached + bytes.downloads - limit)

/** What has to stay, though it is too much. */
export const stuckOf = (storage: StorageUse, limit: number | null): number =>
  Math.max(0, excessOf(storage, limit) - storage.evictable)

export function OverLimit({ storage }: { storage: StorageUse }) {
  const excess = excessOf(storage, storage.budget)
  const stuck = stuckOf(storage, storage.budget)
  if (excess === 0) return null
  return (
    <div class={stuck > 0 ? 'note problem' : 'note over'} role="status">
      <Icon name="warning" />
      <p class="numbers">
        <strong>Pulled images take {sizeText(excess)} more than their limit.</strong>{' '}
        {stuck > 0
          ? `${stuck < excess ? `${sizeText(stuck)} of it stays` : 'It stays'}: you keep those images, or images that you imported need them. Raise the limit, or keep fewer.`
          : 'What was used longest ago is removed within a few minutes.'}
      </p>
    </div>
  )
}
