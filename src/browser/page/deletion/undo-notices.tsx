/** Notices of what was just deleted, with buttons to undo it. */
import { Problem } from '../components/problem.tsx'
import { type Deletion, deletions, forget, pause, resume, UNDO_MS, undo } from './pending.ts'

export function UndoNotices() {
  const shown = deletions.value.filter(({ state }) => state === 'waiting' || state === 'failed')
  if (shown.length === 0) return null
  return (
    <section class="undos" aria-label="Deleted">
      {shown.map((deletion) =>
        deletion.state === 'waiting' ? (
          <Undo key={deletion.id} deletion={deletion} />
        ) : (
          <Failed key={deletion.id} deletion={deletion} />
        ),
      )}
    </section>
  )
}

function Undo({ deletion: { id, title } }: { deletion: Deletion }) {
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
      <span class="undo-time" style={{ animationDuration: `${UNDO_MS}ms` }} aria-hidden="true" />
    </div>
  )
}

/** The button is removed with its notice, so the focus moves to the list's heading. */
function undoAndReturn(id: number): void {
  undo(id)
  document.querySelector<HTMLElement>('main h1')?.focus()
}

const Failed = ({ deletion: { id, title, failure } }: { deletion: Deletion }) => (
  <div class="undo failed">
    <Problem title={`${title} could not be deleted.`} failure={failure} />
    <button type="button" class="button" onClick={() => forget(id)}>
      Close
    </button>
  </div>
)
