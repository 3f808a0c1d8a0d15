/** A button that frees space, with what it would free and what it has freed. */
import { useEffect, useId, useState } from 'preact/hooks'
import { announce } from '../components/announcement.tsx'
import { Problem } from '../components/problem.tsx'
import { sizeText } from '../components/text.ts'
import { type Freed, freeSpace, previewSpace } from '../requests/admin.ts'
import { invalidate, useQuery } from '../requests/use-query.ts'

/** Milliseconds between two previews while more can be freed soon. */
const POLL_MS = 2000

export function FreeSpace() {
  const id = useId()
  const [withImages, setWithImages] = useState(false)
  const [freed, setFreed] = useState<Freed>()
  const [problem, setProblem] = useState<unknown>()
  const preview = usePreview(withImages)
  const removable = useQuery('all that may go', (signal) => previewSpace({ to: 0 }, { signal })).value?.images
  const free = () =>
    freeSpace(optionsOf(withImages)).then(
      (freed) => {
        setFreed(freed)
        setProblem(undefined)
        setWithImages(false)
        announce(resultText(freed))
        invalidate()
      },
      (failure) => setProblem(failure),
    )
  const { value } = preview
  const failure = problem ?? preview.failure
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>Free space</h2>
      <p class="numbers">{value ? previewText(value) : 'Looking for what can be freed…'}</p>
      {value && value.spared > 0 && <p class="quiet numbers">{sparedText(value.spared)}</p>}
      {(removable ?? 0) > 0 && (
        <p>
          <label class="check numbers">
            <input
              type="checkbox"
              checked={withImages}
              onChange={({ currentTarget }) => setWithImages(currentTarget.checked)}
            />
            Remove pulled images, too ({sizeText(removable!)}); they can be pulled again
          </label>
        </p>
      )}
      <p>
        <button type="button" class="button" onClick={free} aria-disabled={!value || value.freed === 0}>
          Free space now
        </button>
      </p>
      {freed && <p class="hint numbers">{resultText(freed)}</p>}
      <p class="hint">
        What no image needs goes by itself after a day, so that an interrupted import can go on until then. To
        free more, delete images: the largest repositories come first below.
      </p>
      {failure !== undefined && <Problem title="No space was freed." failure={failure} />}
    </section>
  )
}

const optionsOf = (withImages: boolean) => (withImages ? { to: 0 } : {})

/** Reads the preview again when the storage changes, and while `spared` bytes may be freed soon. */
function usePreview(withImages: boolean) {
  const [tick, setTick] = useState(0)
  const key = `space ${withImages}`
  const loaded = useQuery(key, (signal) => previewSpace(optionsOf(withImages), { signal }), tick)
  const isSoon = (loaded.value?.spared ?? 0) > 0
  useEffect(() => {
    if (!isSoon) return
    const timer = setInterval(() => setTick((tick) => tick + 1), POLL_MS)
    return () => clearInterval(timer)
  }, [isSoon])
  return loaded
}

const KINDS = [
  ['orphans', 'that no image needs'],
  ['uploads', 'of unfinished imports and pushes'],
  ['downloads', 'of unfinished pulls'],
  ['images', 'of pulled images'],
] as const

const partsOf = (freed: Freed): string[] =>
  KINDS.filter(([kind]) => freed[kind] > 0).map(([kind, text]) => `${sizeText(freed[kind])} ${text}`)

function previewText(freed: Freed): string {
  const parts = partsOf(freed)
  if (parts.length === 0) return 'There is nothing to free: all that is stored belongs to an image.'
  if (parts.length === 1) return `${parts[0]} can be freed.`
  return `${sizeText(freed.freed)} can be freed: ${new Intl.ListFormat('en').format(parts)}.`
}

const resultText = (freed: Freed): string =>
  freed.freed > 0 ? `Freed ${new Intl.ListFormat('en').format(partsOf(freed))}.` : 'Nothing was freed.'

const sparedText = (bytes: number): string =>
  `${sizeText(bytes)} more may belong to an import or push that is still running, and stays until that has ended.`
