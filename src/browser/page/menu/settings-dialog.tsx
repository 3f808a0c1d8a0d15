/** Settings that belong to no view; budget, peers and trust are set in their views. */
import { useId, useState } from 'preact/hooks'
import { announce } from '../components/announcement.tsx'
import { closeDialogOf, Dialog } from '../components/dialog.tsx'
import { Problem } from '../components/problem.tsx'
import { changeSettings, readSettings } from '../requests/peers.ts'
import { useQuery } from '../requests/use-query.ts'
import { peersPath, storagePath } from '../route.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const AGES: readonly (readonly [milliseconds: number, text: string])[] = [
  [0, 'at every pull'],
  [10 * MINUTE, 'after 10 minutes'],
  [HOUR, 'after an hour'],
  [24 * HOUR, 'after a day'],
  [7 * 24 * HOUR, 'after a week'],
]

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const field = useId()
  const { value: settings, failure } = useQuery('settings', (signal) => readSettings({ signal }))
  const [refusal, setRefusal] = useState<unknown>()
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    const tagAge = Number(new FormData(event.currentTarget as HTMLFormElement).get('tagAge'))
    changeSettings({ tagAge }).then(() => {
      announce('The settings are saved.')
      closeDialogOf(event)
    }, setRefusal)
  }
  return (
    <Dialog title="Settings" onClose={onClose}>
      {failure !== undefined && <Problem title="The settings could not be read." failure={failure} />}
      {settings && (
        <form class="form" onSubmit={save}>
          <div class="field">
            <label for={field}>Ask peers again for a pulled tag</label>
            <select id={field} name="tagAge" autofocus>
              {agesWith(settings.tagAge).map(([age, text]) => (
                <option key={age} value={age} selected={age === settings.tagAge}>
                  {text}
                </option>
              ))}
            </select>
            <p class="hint">
              A tag may move to a newer image. Until peers are asked again, and whenever none is there, the
              image that was pulled is used.
            </p>
          </div>
          <p class="hint">
            The space for images is set under <a href={storagePath}>Storage</a>, peers and trust under{' '}
            <a href={peersPath}>Peers</a>. Light or dark follows your system.
          </p>
          {refusal !== undefined && <Problem title="That was not saved." failure={refusal} />}
          <div class="form-actions">
            <button type="submit" class="button primary">
              Save
            </button>
          </div>
        </form>
      )}
    </Dialog>
  )
}

/** Adds the current age to the choices if it was set by other means. */
const agesWith = (age: number): typeof AGES =>
  AGES.some(([known]) => known === age) ? AGES : [...AGES, [age, `after ${Math.round(age / MINUTE)} minutes`]]
