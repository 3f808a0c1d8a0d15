/** One view for each kind of address. An error in it stays there, and is gone with the next address. */
import { CompareView } from '../compare/compare-view.tsx'
import { FilesView } from '../files/files-view.tsx'
import { ImageView } from '../image/image-view.tsx'
import { PeersView } from '../peers/peers-view.tsx'
import { RepositoriesView } from '../repositories/repositories-view.tsx'
import { RepositoryView } from '../repository/repository-view.tsx'
import { type Route, repositoriesPath } from '../route.ts'
import { StorageView } from '../storage/storage-view.tsx'
import { Boundary } from './boundary.tsx'
import { Heading } from './heading.tsx'

export const View = ({ route }: { route: Route }) => (
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
