/** A repository: its tags in this browser and at peers, and its untagged images. */

import { CopyButton } from '../components/buttons.tsx'
import { Heading } from '../components/heading.tsx'
import { Icon } from '../components/icons.tsx'
import { Loading } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { openDeletionDialog } from '../lists/list-dialogs.tsx'
import { RemoteNotes } from '../lists/remote-notes.tsx'
import { repositoriesPath } from '../route.ts'
import { TagList, Untagged } from './tag-list.tsx'
import { useRepository } from './use-repository.ts'

export function RepositoryView({ name }: { name: string }) {
  const repository = useRepository(name)
  const { rows, isRead, isComplete, failure } = repository
  const isHere = [...rows.tagged, ...rows.untagged].some(({ here }) => here)
  const isElsewhere = rows.tagged.some(({ on }) => on.length > 0)
  const isEmpty = rows.tagged.length + rows.untagged.length === 0
  return (
    <>
      <header class="view-head">
        <nav class="crumbs" aria-label="Breadcrumb">
          <a href={repositoriesPath}>Images</a>
        </nav>
        <div class="title-line">
          <Heading text={name} />
          <CopyButton text={name} what="name" />
        </div>
        {isHere && (
          <button
            type="button"
            class="button danger"
            onClick={(event) =>
              openDeletionDialog({ repository: name, images: undefined, isElsewhere }, event)
            }
          >
            <Icon name="delete" /> Delete repository…
          </button>
        )}
      </header>
      {failure !== undefined && <Problem title="The repository could not be read." failure={failure} />}
      {!isRead && failure === undefined && <Loading what="the repository" />}
      <RemoteNotes {...repository} />
      {isRead && isComplete && isEmpty && (
        <p class="empty quiet">
          No image of this repository is stored in this browser or listed at a connected peer.
        </p>
      )}
      {isRead && !isEmpty && <TagList key={name} name={name} repository={repository} />}
      {rows.untagged.length > 0 && <Untagged name={name} rows={rows.untagged} />}
    </>
  )
}
