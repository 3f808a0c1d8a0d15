/** The limit for pulled images, with what a typed value means before it is set, and a warning above the limit. */
import { useId, useState } from 'preact/hooks'
import { announce } from '../components/announcement.tsx'
import { Icon } from '../components/icons.tsx'
import { Problem } from '../components/problem.tsx'
import { sizeText } from '../components/text.ts'
import type { StorageUse } from '../requests/admin.ts'
import { changeSettings } from '../requests/peers.ts'
import { invalidate } from '../requests/use-query.ts'
import { readSize, sizeInput, type TypedSize } from './size-input.ts'

export function Limit({ storage }: { storage: StorageUse }) {
  const { budget } = storage
  const id = useId()
  const [text, setText] = useState<string>()
  const [failure, setFailure] = useState<unknown>()
  const typed = readSize(text ?? sizeInput(budget))
  const isInvalid = 'problem' in typed
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    if (isInvalid) return
    try {
      await changeSettings({ budget: typed.bytes })
      announce(typed.bytes === null ? 'There is no limit' : `The limit is ${sizeText(typed.bytes)}`)
      setText(undefined)
      setFailure(undefined)
      invalidate()
    } catch (failure) {
      setFailure(failure)
    }
  }
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Limit for pulled images</h2>
      <form onSubmit={save}>
        <label for={id}>Pulled images may take at most</label>
        <div class="row">
          <input
            id={id}
            class="numbers"
            value={text ?? sizeInput(budget)}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
            placeholder="no limit"
            autocomplete="off"
            aria-invalid={isInvalid}
            aria-describedby={`${id}-meaning`}
          />
          <button type="submit" class="button">
            Set limit
          </button>
        </div>
        <p id={`${id}-meaning`} class={isInvalid ? 'hint bad' : 'hint'} role="status">
          {meaningOf(typed, storage)}
        </p>
      </form>
      <p class="hint">
        Above it, the pulled images that were used longest ago are removed. Images that you keep, import or
        push here are never removed by themselves.
      </p>
      {failure !== undefined && <Problem title="The limit could not be set." failure={failure} />}
    </section>
  )
}

/** The typed size in the page's units, and what the limit would evict. */
function meaningOf(typed: TypedSize, storage: StorageUse): string {
  if ('problem' in typed) return typed.problem
  const { bytes, meaning = '' } = typed
  return [meaning, bytes === storage.budget ? nowText(bytes) : effectOf(bytes, storage)].join(' ').trim()
}

const nowText = (limit: number | null) => (limit === null ? 'There is no limit now.' : '')

function effectOf(limit: number | null, storage: StorageUse): string {
  const excess = excessOf(storage, limit)
  if (excess === 0) return 'Nothing would be removed now.'
  const stuck = stuckOf(storage, limit)
  const goes = excess - stuck
  const stays = `${sizeText(stuck)} above it would stay, as you keep those images or imported images need them.`
  return [
    `Pulled images take ${sizeText(storage.bytes.cached + storage.bytes.downloads)} now:`,
    goes > 0 && `about ${sizeText(goes)} would be removed${stuck > 0 ? ', and' : '.'}`,
    stuck > 0 && stays,
  ]
    .filter(Boolean)
    .join(' ')
}

/** Bytes that images from peers and unfinished pulls take above `limit`. */
export const excessOf = ({ bytes }: Pick<StorageUse, 'bytes'>, limit: number | null): number =>
  limit === null ? 0 : Math.max(0, bytes.cached + bytes.downloads - limit)

/** Bytes above `limit` that cannot be evicted. */
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
