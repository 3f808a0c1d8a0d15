/** Whether the browser may delete what is stored here, and asking it not to. */
import { useEffect, useState } from 'preact/hooks'

export function Persistence() {
  const [isPersistent, setPersistent] = useState<boolean>()
  const [wasAsked, setAsked] = useState(false)
  useEffect(() => {
    navigator.storage?.persisted?.().then(setPersistent, () => {}) // then it is not
  }, [])
  const ask = async () => {
    setPersistent(await navigator.storage.persist().catch(() => false))
    setAsked(true)
  }
  return (
    <section aria-labelledby="persistence">
      <h2 id="persistence">If the disk gets full</h2>
      {isPersistent ? (
        <p>This browser deletes nothing of it by itself, only when you clear the data of this site.</p>
      ) : (
        <>
          <p>When this device runs short of space, the browser may delete everything that is stored here.</p>
          <p>
            <button type="button" class="button" onClick={ask}>
              Ask the browser not to
            </button>
          </p>
        </>
      )}
      {wasAsked && !isPersistent && (
        <p class="hint" role="status">
          The browser does not agree yet. It often does once this page is installed as an app, bookmarked, or
          used more.
        </p>
      )}
    </section>
  )
}
