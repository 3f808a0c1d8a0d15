/** Repositories with what they hold. */
import { ShareBar } from '../parts/share-bar.tsx'
import { sizeText } from '../parts/sizes.ts'
import type { RepositoryUse } from '../requests/owner.ts'
import { repositoryPath } from '../route.ts'

interface TableProps {
  readonly names: readonly string[]
  readonly uses: readonly RepositoryUse[]
}

export function RepositoryTable({ names, uses }: TableProps) {
  const useOf = new Map(uses.map((use) => [use.name, use]))
  const largest = Math.max(0, ...uses.map(({ bytes }) => bytes))
  return (
    <table class="table repositories">
      <thead>
        <tr>
          <th scope="col">Repository</th>
          <th scope="col" class="number">
            Tags
          </th>
          <th scope="col" class="number wide">
            Manifests
          </th>
          <th scope="col" class="number">
            Size
          </th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <RepositoryRow key={name} name={name} use={useOf.get(name)} largest={largest} />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly name: string
  readonly use: RepositoryUse | undefined
  readonly largest: number
}

const RepositoryRow = ({ name, use, largest }: RowProps) => (
  <tr>
    <th scope="row">
      <a class="row-link" href={repositoryPath(name)}>
        <RepositoryName name={name} />
      </a>
    </th>
    <td class="number">{use?.tags.toLocaleString('en')}</td>
    <td class="number wide">{use?.manifests.toLocaleString('en')}</td>
    <td class="number size">
      {use && (
        <>
          <ShareBar part={use.bytes} whole={largest} />
          <span class="size-text">{sizeText(use.bytes)}</span>
        </>
      )}
    </td>
  </tr>
)

/** The path stands back, the last part is what people look for. */
const RepositoryName = ({ name }: { name: string }) => {
  const end = name.lastIndexOf('/') + 1
  return (
    <>
      <span class="quiet">{name.slice(0, end)}</span>
      {name.slice(end)}
    </>
  )
}
