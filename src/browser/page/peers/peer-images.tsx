/** The repositories and tags of a peer, with buttons that pull them. */

import { useEffect, useState } from 'preact/hooks'
import { MoreButton } from '../components/buttons.tsx'
import { Icon } from '../components/icons.tsx'
import { Loading } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { countText, sizeText } from '../components/text.ts'
import { Moment } from '../components/values.tsx'
import { eachPage, type Page } from '../requests/pages.ts'
import { type PeerRepository, type PeerTag, readPeerRepositories, readPeerTags } from '../requests/peers.ts'
import { registryRevision } from '../requests/use-query.ts'
import { pullImage } from '../transfers/pull/start-pull.ts'

interface PeerImagesProps {
  readonly id: string
  /** Whether its tags are trusted; images of other peers are pulled by digest. */
  readonly isTrusted: boolean
}

export function PeerImages({ id, isTrusted }: PeerImagesProps) {
  const read = (path: string | undefined, options: { signal: AbortSignal }) =>
    readPeerRepositories(id, path, options)
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
  const read = (path: string | undefined, options: { signal: AbortSignal }) =>
    readPeerTags(id, name, path, options)
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

interface Pages<T> {
  /** `undefined` until the first page has been read. */
  readonly entries: readonly T[] | undefined
  readonly isComplete: boolean
  readonly failure: unknown
  more(): void
}

/**
 * A long list as far as the user has paged through it; read again whenever the registry has changed.
 *
 * @param read - reads the page at a path; the first page without a path
 */
function usePages<T>(
  read: (path: string | undefined, options: { signal: AbortSignal }) => Promise<Page<T>>,
): Pages<T> {
  const [pages, setPages] = useState<readonly Page<T>[]>([])
  const [count, setCount] = useState(1)
  const [failure, setFailure] = useState<unknown>()
  const revision = registryRevision.value
  useEffect(() => {
    const aborting = new AbortController()
    const { signal } = aborting
    readPages(read, count, signal).then(
      (pages) => {
        if (signal.aborted) return
        setPages(pages)
        setFailure(undefined)
      },
      (failure) => signal.aborted || setFailure(failure),
    )
    return () => aborting.abort()
  }, [count, revision])
  return {
    entries: pages.length > 0 ? pages.flatMap(({ entries }) => entries) : undefined,
    isComplete: pages.at(-1)?.next === undefined,
    failure,
    more: () => setCount(pages.length + 1),
  }
}

async function readPages<T>(
  read: Parameters<typeof usePages<T>>[0],
  count: number,
  signal: AbortSignal,
): Promise<Page<T>[]> {
  const pages: Page<T>[] = []
  for await (const page of eachPage((path) => read(path, { signal }))) {
    pages.push(page)
    if (pages.length >= count) break
  }
  return pages
}
