/** A repository: its tags, and what has none. */
import { useState } from 'preact/hooks'
import { Heading } from '../frame/heading.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { MoreButton } from '../parts/more-button.tsx'
import { Problem } from '../parts/problem.tsx'
import { countText } from '../parts/texts.ts'
import { type HeldImage, readImages } from '../requests/owner.ts'
import { repositoriesPath } from '../route.ts'
import { type Pages, usePages } from '../use-pages.ts'
import { ImageTable } from './image-table.tsx'
import { rowsOf } from './rows.ts'

export function RepositoryView({ name }: { name: string }) {
  const pages = usePages<HeldImage>((path, waiting) => readImages(name, path, waiting))
  const { entries, failure } = pages
  return (
    <>
      <header class="view-head">
        <nav class="crumbs" aria-label="Breadcrumb">
          <a href={repositoriesPath}>Repositories</a>
        </nav>
        <div class="title-line">
          <Heading text={name} />
          <CopyButton text={name} what="name" />
        </div>
      </header>
      {failure !== undefined && <Problem title="The repository could not be read." failure={failure} />}
      {entries?.length === 0 && <p class="quiet">Nothing of this repository is held here.</p>}
      {entries && entries.length > 0 && <Images name={name} images={entries} pages={pages} />}
    </>
  )
}

interface ImagesProps {
  readonly name: string
  readonly images: readonly HeldImage[]
  readonly pages: Pages<HeldImage>
}

function Images({ name, images, pages: { isComplete, more, all } }: ImagesProps) {
  const [filter, setFilter] = useState('')
  const { tagged, untagged } = rowsOf(images)
  const shown = tagged.filter(({ tag }) => tag?.toLowerCase().includes(filter.toLowerCase()))
  const search = (text: string) => {
    setFilter(text)
    if (text) all()
  }
  return (
    <>
      <div class="section-head">
        <h2>Tags</h2>
        {(tagged.length > 8 || !isComplete) && <TagFilter onFilter={search} />}
      </div>
      {shown.length > 0 && <ImageTable name={name} rows={shown} />}
      {shown.length === 0 && <p class="quiet">No tag{filter && ` with “${filter}” in it`}.</p>}
      {!isComplete && <MoreButton shown={images.length} onMore={more} />}
      {untagged.length > 0 && (
        <details class="section">
          <summary>
            <h2>{countText(untagged.length, 'manifest')} without a tag</h2>
          </summary>
          <p class="quiet">
            Platforms of indexes, signatures, SBOMs, and what lost its tag to a newer image.
          </p>
          <ImageTable name={name} rows={untagged} />
        </details>
      )}
    </>
  )
}

const TagFilter = ({ onFilter }: { onFilter: (text: string) => void }) => (
  <input
    type="search"
    class="filter"
    placeholder="Filter tags"
    aria-label="Filter tags"
    onInput={(event) => onFilter(event.currentTarget.value)}
  />
)
