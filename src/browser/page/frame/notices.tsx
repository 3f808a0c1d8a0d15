/** What the user has to know wherever they are: no network, a new version. */
import { useEffect, useState } from 'preact/hooks'
import { registryState, update, waitingVersion } from '../registry.ts'
import { firstAnswer } from '../requests/request.ts'

export const Notices = () => (
  <>
    {waitingVersion.value && <Update />}
    <Offline />
    {registryState.value === 'ready' && <LaterAddressNotice />}
  </>
)

const Update = () => (
  <div class="note" role="status">
    <p>
      <strong>A new version is ready.</strong> Transfers go on; it takes over after them.
    </p>
    <button type="button" class="button" onClick={update}>
      Update
    </button>
  </div>
)

/** It is read by few, and by nobody at once. */
function LaterAddressNotice() {
  const load = () => import('./address-notice.tsx')
  const [notice, setNotice] = useState<typeof import('./address-notice.tsx')>()
  useEffect(() => void firstAnswer.then(load).then(setNotice, () => {}), [])
  return notice ? <notice.AddressNotice /> : null
}

function Offline() {
  const [isOnline, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const update = () => {
      setOnline(navigator.onLine)
      if (navigator.onLine) fetch('/flotilla/peers').catch(() => {}) // whoever is asked who is there looks again
    }
    addEventListener('online', update)
    addEventListener('offline', update)
    setOnline(navigator.onLine) // it may have changed since this was drawn
    return () => {
      removeEventListener('online', update)
      removeEventListener('offline', update)
    }
  }, [])
  if (isOnline) return null
  return (
    <p class="note quiet" role="status">
      Offline. Everything held here works; peers are out of reach.
    </p>
  )
}
