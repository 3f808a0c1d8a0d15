/**
 * One run of a slow action for all who ask while an earlier run is under way. Apart because both syncing a
 * directory and syncing the catalog's log are made cheap by it.
 */

/**
 * Callers during a run share the next one and none joins the run under way, so `action` always begins after
 * the call: a sync that begins after a write covers it. Each caller gets the failure of its own run.
 */
export function coalesce(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const start = (): Promise<void> => {
    next = undefined
    running = action().finally(() => {
      running = undefined
    })
    return running
  }

  return () => {
    if (next) return next
    if (!running) return start()
    next = running.then(start, start)
    return next
  }
}
