/** A mark for the header while the server that the page comes from cannot be reached: the page goes on without it. */
import { useEffect } from 'preact/hooks'
import { changes } from '../changes-state.ts'
import { readPeers } from '../requests/peers.ts'
import { route } from '../route-state.ts'
import { isServerAway } from './server-state.ts'

/** Milliseconds between two looks, while somebody sees the page and does nothing: each wakes the service worker. */
const PACE = 60_000

export function ServerMark() {
  useEffect(() => {
    const look = () => {
      if (document.hidden) return
      readPeers().catch(() => {}) // whoever has no registry is told of that elsewhere
    }
    look()
    const timer = setInterval(look, PACE)
    const events = ['online', 'offline', 'focus'] as const
    for (const event of events) addEventListener(event, look)
    return () => {
      clearInterval(timer)
      for (const event of events) removeEventListener(event, look)
    }
  }, [changes.value, route.value])
  return (
    <span role="status" class="server-mark">
      {isServerAway.value && (
        <span
          class="badge away"
          title={`${location.origin} cannot be reached. Images that are stored here work.`}
        >
          <span class="which">Server </span>offline
        </span>
      )}
    </span>
  )
}
