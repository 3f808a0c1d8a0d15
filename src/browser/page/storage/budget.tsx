/** The budget: how much may be held before images from peers give way. */
import { useId, useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { Problem } from '../parts/problem.tsx'
import { parseSize, sizeText } from '../parts/sizes.ts'
import { evict, type StorageUse } from '../requests/owner.ts'
import { changeSettings } from '../requests/peers.ts'

export function Budget({ storage: { budget } }: { storage: StorageUse }) {
  const field = useId()
  const [said, setSaid] = useState('')
  const [failure, setFailure] = useState<unknown>()
  const tell = (text: string) => {
    setFailure(undefined)
    setSaid(text)
    announce(text)
    tellChange()
  }
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get('budget')).trim()
    const budget = text === '' ? null : parseSize(text)
    if (budget === undefined) return setSaid('A size looks like 20 GiB.')
    const done = budget === null ? 'No budget: nothing gives way.' : `The budget is ${sizeText(budget)}.`
    changeSettings({ budget }).then(() => tell(done), setFailure)
  }
  const free = () =>
    evict().then((freed) => tell(freed > 0 ? `${sizeText(freed)} freed.` : 'Nothing had to go.'), setFailure)
  return (
    <section aria-labelledby={`${field}-title`}>
      <h2 id={`${field}-title`}>Budget</h2>
      <form onSubmit={save}>
        <label for={field}>Hold at most</label>
        <div class="row">
          <input
            id={field}
            name="budget"
            class="numbers"
            key={budget}
            defaultValue={budget === null ? '' : sizeText(budget)}
            placeholder="no limit"
            autocomplete="off"
          />
          <button type="submit" class="button">
            Set
          </button>
          <button type="button" class="button" onClick={free}>
            Free space now
          </button>
        </div>
      </form>
      <p class="hint">
        {said ||
          'Above it, images from peers go, the least recently used first. What was pushed or kept here stays.'}
      </p>
      {failure !== undefined && <Problem title="That did not work." failure={failure} />}
    </section>
  )
}
