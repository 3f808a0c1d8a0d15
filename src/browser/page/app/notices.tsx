/** Notices on every view: no network, a new version, another address. */
import { useEffect, useState } from 'preact/hooks'
import { registryState, update, waitingVersion } from '../registry.ts'
import { firstResponse } from '../requests/request.ts'

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

/** Loaded after the view, because few users get it. */
function LaterAddressNotice() {
  const load = () => import('./address-notice.tsx')
  const [notice, setNotice] = useState<typeof import('./address-notice.tsx')>()
  useEffect(() => void firstResponse.then(load).then(setNotice, () => {}), [])
  return notice ? <notice.AddressNotice /> : null
}

function Offline() {
  const [isOnline, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const update = () => {
      setOnline(navigator.onLine)
      if (navigator.onLine) fetch('/flotilla/peers').catch(() => {}) // makes the worker look for peers again
    }
    addEventListener('online', update)
    addEventListener('offline', update)
    setOnline(navigator.onLine) // it may have changed since the first render
    return () => {
      removeEventListener('online', update)
      removeEventListener('offline', update)
    }
  }, [])
  if (isOnline) return null
  return (
    <p class="note quiet" role="status">
      Offline. Everything that is stored here works; peers cannot be reached.
    </p>
  )
}
