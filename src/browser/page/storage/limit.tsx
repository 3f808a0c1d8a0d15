/** How much pulled images may take. What was typed is said in other words before it counts. */
import { useId, useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import type { StorageUse } from '../requests/owner.ts'
import { changeSettings } from '../requests/peers.ts'
import { excessOf, stuckOf } from './over-limit.tsx'
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
      tellChange()
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

/** What it is in the page's own units, and what it would do. */
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
