/** Whether the browser may clear what is stored here, and asking it not to. */
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
      <h2 id="persistence">When the device runs out of space</h2>
      {isPersistent ? (
        <p>The browser keeps everything until you clear it.</p>
      ) : (
        <>
          <p>The browser may clear what is stored here.</p>
          <p>
            <button type="button" class="button" onClick={ask}>
              Ask it to keep everything
            </button>
          </p>
        </>
      )}
      {wasAsked && !isPersistent && (
        <p class="hint" role="status">
          It says no for now. Installing the page as an app, or using it more, often changes that.
        </p>
      )}
    </section>
  )
}
