/** The head of what is looked at beside an image: where it belongs, and what it is. */
import { Heading } from '../frame/heading.tsx'
import { imagePath, referenceText, repositoriesPath, repositoryPath } from '../route.ts'

interface SideHeadProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  readonly title: string
}

export const SideHead = ({ name, reference, platform, title }: SideHeadProps) => (
  <header class="view-head">
    <nav class="crumbs" aria-label="Breadcrumb">
      <a href={repositoriesPath}>Images</a> <a href={repositoryPath(name)}>{name}</a>{' '}
      <a href={imagePath(name, reference, platform)}>{referenceText(name, reference)}</a>
    </nav>
    <Heading text={title} />
  </header>
)
