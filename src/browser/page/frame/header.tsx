/** The way to every part of the page. */
import { openDialog } from '../add/dialog-state.ts'
import { Menu } from '../menu/menu.tsx'
import { Icon } from '../parts/icon.tsx'
import { Logo } from '../parts/logo.tsx'
import { ServerMark } from '../peers/server-mark.tsx'
import { registryState } from '../registry.ts'
import { peersPath, type Route, repositoriesPath, storagePath } from '../route.ts'

/** Pages below Images. */
const IMAGES: readonly Route['page'][] = ['repositories', 'repository', 'image', 'files', 'compare']

export const Header = ({ page }: { page: Route['page'] }) => {
  const isImages = IMAGES.includes(page)
  const isMissing = registryState.value === 'hindered'
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
        <ServerMark />
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
