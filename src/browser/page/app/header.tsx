/** The header: navigation, actions, menu, and a badge while the server is unreachable. */

import { useEffect } from 'preact/hooks'
import { openDialog } from '../add/dialogs.tsx'
import { Icon, Logo } from '../components/icons.tsx'
import { Menu } from '../menu/menu.tsx'
import { route } from '../navigation.ts'
import { registryState } from '../registry.ts'
import { isServerAway, readPeers } from '../requests/peers.ts'
import { registryRevision } from '../requests/use-query.ts'
import { peersPath, type Route, repositoriesPath, storagePath } from '../route.ts'

/** The pages for which "Images" is the current item. */
const IMAGES: readonly Route['page'][] = ['repositories', 'repository', 'image', 'files', 'compare']

export const Header = ({ page }: { page: Route['page'] }) => {
  const isImages = IMAGES.includes(page)
  const isMissing = registryState.value === 'failed'
  return (
    <header class="top">
      <a class="brand" href={repositoriesPath} aria-label="Flotilla, all repositories">
        <Logo />
        <span class="brand-name">Flotilla</span>
      </a>
      <nav aria-label="Main">
        <TopLink href={repositoriesPath} text="Images" isHere={isImages} />
        <TopLink href={storagePath} text="Storage" isHere={page === 'storage'} />
        <TopLink href={peersPath} text="Peers" isHere={page === 'peers'} />
      </nav>
      <div class="top-actions">
        <ServerBadge />
        <button type="button" class="button" disabled={isMissing} onClick={() => openDialog('pull')}>
          <Icon name="pull" /> Pull
        </button>
        <button
          type="button"
          class="button primary"
          disabled={isMissing}
          onClick={() => openDialog('import')}
        >
          <Icon name="import" /> Import
        </button>
        <Menu />
      </div>
    </header>
  )
}

const TopLink = ({ href, text, isHere }: { href: string; text: string; isHere: boolean }) => (
  <a class="top-link" href={href} aria-current={isHere ? 'page' : undefined}>
    {text}
  </a>
)

/** Milliseconds between two checks of a visible, idle page: each wakes the service worker. */
const POLL_MS = 60_000

export function ServerBadge() {
  useEffect(() => {
    const poll = () => {
      if (document.hidden) return
      readPeers().catch(() => {}) // without a registry, the page says so already
    }
    poll()
    const timer = setInterval(poll, POLL_MS)
    const events = ['online', 'offline', 'focus'] as const
    for (const event of events) addEventListener(event, poll)
    return () => {
      clearInterval(timer)
      for (const event of events) removeEventListener(event, poll)
    }
  }, [registryRevision.value, route.value])
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
