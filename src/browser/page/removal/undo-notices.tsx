/** What was just deleted, each with the way back for as long as there is one. */
import { Problem } from '../parts/problem.tsx'
import { drop, pause, type Removal, removals, resume, TIME_TO_UNDO, undo } from './removals-state.ts'

export function UndoNotices() {
  const shown = removals.value.filter(({ state }) => state === 'waiting' || state === 'failed')
  if (shown.length === 0) return null
  return (
    <section class="undos" aria-label="Deleted">
      {shown.map((removal) =>
        removal.state === 'waiting' ? (
          <Undo key={removal.id} removal={removal} />
        ) : (
          <Failed key={removal.id} removal={removal} />
        ),
      )}
    </section>
  )
}

function Undo({ removal: { id, title } }: { removal: Removal }) {
  const hold = () => pause(id)
  const go = () => resume(id)
  return (
    <div class="undo">
      <p class="wrap">
        Deleted <strong>{title}</strong>
      </p>
      <button
        type="button"
        class="button"
        aria-keyshortcuts="Control+Z"
        onMouseEnter={hold}
        onMouseLeave={go}
        onFocus={hold}
        onBlur={go}
        onClick={() => undoAndReturn(id)}
      >
        Undo
        <span class="visually-hidden"> deleting {title}</span>
      </button>
      <span class="undo-time" style={{ animationDuration: `${TIME_TO_UNDO}ms` }} aria-hidden="true" />
    </div>
  )
}

/** The button goes with the notice; who used it goes on at the list. */
function undoAndReturn(id: number): void {
  undo(id)
  document.querySelector<HTMLElement>('main h1')?.focus()
}

const Failed = ({ removal: { id, title, failure } }: { removal: Removal }) => (
  <div class="undo failed">
    <Problem title={`${title} could not be deleted.`} failure={failure} />
    <button type="button" class="button" onClick={() => drop(id)}>
      Close
    </button>
  </div>
)
