/** The page: header, notices, the view of the route, transfers and dialogs. */

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Dialogs, openedDialog } from '../add/dialogs.tsx'
import { CompareView } from '../compare/compare-view.tsx'
import { Announcement } from '../components/announcement.tsx'
import { Heading } from '../components/heading.tsx'
import { Boundary, Problem } from '../components/problem.tsx'
import { FilesView } from '../files/files-view.tsx'
import { ImageView } from '../image/image-view.tsx'
import { ListDialogs } from '../lists/list-dialogs.tsx'
import { MenuDialogs, openedMenuDialog } from '../menu/menu.tsx'
import { route } from '../navigation.ts'
import { PeersView } from '../peers/peers-view.tsx'
import { startupProblem } from '../registry.ts'
import { RepositoriesView } from '../repositories/repositories-view.tsx'
import { RepositoryView } from '../repository/repository-view.tsx'
import { type Route, repositoriesPath } from '../route.ts'
import type { StartupProblem } from '../startup-problem.ts'
import { StorageView } from '../storage/storage-view.tsx'
import { transfersFailure, transfersModule } from '../transfers/start-transfer.ts'
import { DropArea } from './drop-area.tsx'
import { Header } from './header.tsx'
import { Notices } from './notices.tsx'

export const App = () => (
  <>
    <a class="skip" href="#main">
      Skip to content
    </a>
    <Header page={route.value.page} />
    <main id="main" tabIndex={-1}>
      <Boundary what="The notices">
        <Notices />
      </Boundary>
      {startupProblem.value ? <StartupFailed problem={startupProblem.value} /> : <View route={route.value} />}
    </main>
    <Boundary what="The transfers">
      <Transfers />
    </Boundary>
    <Boundary at={openedDialog.value} what="The dialog">
      <Dialogs />
    </Boundary>
    <Boundary what="The list's dialogs">
      <ListDialogs />
    </Boundary>
    <Boundary at={openedMenuDialog.value} what="The dialog">
      <MenuDialogs />
    </Boundary>
    <DropArea />
    <Announcement />
  </>
)

const Transfers = () => {
  const module = transfersModule.value
  if (module) return <module.Transfers />
  const failure = transfersFailure.value
  return failure ? <Problem title="The transfers could not be opened." failure={failure} /> : null
}

/** An error in a view stays in it until the route changes. */
const View = ({ route }: { route: Route }) => (
  <Boundary at={JSON.stringify(route)} what="This view">
    <ViewOf route={route} />
  </Boundary>
)

function ViewOf({ route }: { route: Route }) {
  switch (route.page) {
    case 'repositories':
      return <RepositoriesView />
    case 'repository':
      return <RepositoryView key={route.name} name={route.name} />
    case 'image':
      return <ImageView key={`${route.name} ${route.reference}`} {...route} />
    case 'files':
      return <FilesView key={`${route.name} ${route.reference} ${route.platform}`} {...route} />
    case 'compare':
      return <CompareView key={JSON.stringify(route)} {...route} />
    case 'storage':
      return <StorageView />
    case 'peers':
      return <PeersView />
    case 'unknown':
      return (
        <>
          <Heading text="No such page" />
          <p>
            An image's address is its reference, such as <code>/r/library/alpine:latest</code>.{' '}
            <a href={repositoriesPath}>All repositories</a>
          </p>
        </>
      )
  }
}

type Page = ComponentType<{ problem: StartupProblem }>

/** Its explanation is loaded on demand, because hardly any user sees it. */
function StartupFailed({ problem }: { problem: StartupProblem }) {
  const [page, setPage] = useState<{ readonly Page: Page }>()
  useEffect(() => {
    import('./no-registry.tsx').then(
      ({ NoRegistry }) => setPage({ Page: NoRegistry }),
      () => setPage({ Page: Fallback }),
    )
  }, [])
  return page ? <page.Page problem={problem} /> : null
}

const Fallback = ({ problem }: { problem: StartupProblem }) => (
  <>
    <Heading text="The registry cannot start here" />
    <p>
      The explanation could not be loaded. The reason: {'reason' in problem ? problem.reason : problem.kind}.
    </p>
  </>
)
