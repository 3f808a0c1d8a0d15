/** The repositories and tags of a peer, each with a way to pull it. */
import { useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { MoreButton } from '../parts/more-button.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import { type PeerRepository, type PeerTag, readPeerRepositories, readPeerTags } from '../requests/peers.ts'
import { pullImage } from '../transfers/pull/pull-image.ts'
import { usePages } from './use-pages.ts'

interface PeerImagesProps {
  readonly id: string
  /** Its tags are taken; what others name is pulled by its digest. */
  readonly isTrusted: boolean
}

export function PeerImages({ id, isTrusted }: PeerImagesProps) {
  const read = (path: string | undefined, waiting: { signal: AbortSignal }) =>
    readPeerRepositories(id, path, waiting)
  const { entries, isComplete, failure, more } = usePages(read)
  if (failure !== undefined) return <Problem title="Its images could not be listed." failure={failure} />
  if (!entries) return <Loading what="its images" />
  if (entries.length === 0) return <p class="quiet">It shares no images yet.</p>
  return (
    <>
      <ul class="peer-images" aria-label="Its repositories">
        {entries.map((repository) => (
          <Repository key={repository.name} id={id} repository={repository} isTrusted={isTrusted} />
        ))}
      </ul>
      {!isComplete && <MoreButton shown={entries.length} onMore={more} />}
    </>
  )
}

interface RepositoryProps extends PeerImagesProps {
  readonly repository: PeerRepository
}

const Repository = ({ id, isTrusted, repository: { name, tags, bytes } }: RepositoryProps) => {
  const [isOpen, setOpen] = useState(false)
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span class="wrap">{name}</span>
          <span class="quiet">
            {countText(tags, 'tag')}, {sizeText(bytes)}
          </span>
        </summary>
        {isOpen && <Tags id={id} name={name} isTrusted={isTrusted} />}
      </details>
    </li>
  )
}

function Tags({ id, name, isTrusted }: PeerImagesProps & { readonly name: string }) {
  const read = (path: string | undefined, waiting: { signal: AbortSignal }) =>
    readPeerTags(id, name, path, waiting)
  const { entries, isComplete, failure, more } = usePages(read)
  if (failure !== undefined) return <Problem title="Its tags could not be listed." failure={failure} />
  if (!entries) return <Loading what="its tags" />
  if (entries.length === 0) return <p class="quiet">No tags.</p>
  return (
    <>
      {!isTrusted && (
        <p class="hint">
          Its tags are not trusted: images are pulled by digest, which needs no trust, without the tag.
        </p>
      )}
      <ul class="peer-tags" aria-label={`Tags of ${name}`}>
        {entries.map((tag) => (
          <Tag key={tag.name} name={name} tag={tag} isTrusted={isTrusted} />
        ))}
      </ul>
      {!isComplete && <MoreButton shown={entries.length} onMore={more} />}
    </>
  )
}

interface TagProps {
  readonly name: string
  readonly tag: PeerTag
  readonly isTrusted: boolean
}

const Tag = ({ name, tag, isTrusted }: TagProps) => (
  <li>
    <code class="wrap">{tag.name}</code>
    <span class="quiet">
      {sizeText(tag.bytes)}
      {tag.at !== undefined && (
        <>
          , set <Moment at={tag.at} />
        </>
      )}
    </span>
    <button
      type="button"
      class="button small"
      onClick={() => pullImage({ name, reference: isTrusted ? tag.name : tag.digest, keep: true })}
    >
      <Icon name="pull" /> Pull
      <span class="visually-hidden">
        {' '}
        {name}:{tag.name}
      </span>
    </button>
  </li>
)
