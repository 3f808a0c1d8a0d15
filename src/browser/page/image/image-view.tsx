/** The page of an image. Its name is shown at once, the rest when it has been read. */
import { useEffect } from 'preact/hooks'
import { CopyButton } from '../components/buttons.tsx'
import { Heading } from '../components/heading.tsx'
import { Loading, lazily } from '../components/loading.tsx'
import { referenceText, repositoriesPath, repositoryPath } from '../route.ts'
import { useImage } from './use-image.ts'

const ImageMissing = lazily(
  'why it is missing',
  async () => (await import('./image-missing.tsx')).ImageMissing,
)

const loadBody = async () => (await import('./image-body.tsx')).ImageBody

const ImageBody = lazily('the image', loadBody)

interface ViewProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
}

export function ImageView({ name, reference, platform }: ViewProps) {
  const { value: image, failure } = useImage(name, reference)
  const text = referenceText(name, reference)
  useEffect(() => void loadBody().catch(() => {}), []) // while the image is being read; a failure shows where it is rendered
  return (
    <>
      <header class="view-head">
        <nav class="crumbs" aria-label="Breadcrumb">
          <a href={repositoriesPath}>Images</a> <a href={repositoryPath(name)}>{name}</a>
        </nav>
        <div class="title-line">
          <Heading text={text}>
            <ReferenceTitle name={name} reference={reference} />
          </Heading>
          <CopyButton text={text} what="reference" />
        </div>
      </header>
      {failure !== undefined && !image && (
        <ImageMissing name={name} reference={reference} failure={failure} />
      )}
      {!image && failure === undefined && <Loading what="the image" />}
      {image && <ImageBody name={name} reference={reference} platform={platform} image={image} />}
    </>
  )
}

const ReferenceTitle = ({ name, reference }: { name: string; reference: string }) => {
  const isDigest = reference.includes(':')
  return (
    <>
      <span>{name}</span>
      <span class="quiet">{isDigest ? '@' : ':'}</span>
      <span class={isDigest ? 'mono title-digest' : ''}>{reference}</span>
    </>
  )
}
