/** The page with the files of an image. Its head is shown at once, the rest is loaded. */
import { isIndexType } from '../../../core/oci/media-type.ts'
import { ImageSubpageHead } from '../components/heading.tsx'
import { Loading, lazily } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { chosenPlatform, useContents, useImage } from '../image/use-image.ts'
import { filesPath, type ImageSideRoute, referenceText } from '../route.ts'

const FilesBody = lazily('the files', async () => (await import('./files-body.tsx')).FilesBody)

export function FilesView({ name, reference, platform, layer }: ImageSideRoute) {
  const { value: image, failure } = useImage(name, reference)
  const chosen = image && chosenPlatform(image, platform)
  const digest =
    image && (isIndexType(image.manifest.mediaType) ? chosen?.descriptor.digest : image.manifest.digest)
  return (
    <>
      <ImageSubpageHead
        name={name}
        reference={reference}
        platform={platform}
        title={`Files of ${referenceText(name, reference)}`}
      />
      {image && image.platforms.length > 1 && (
        <ul class="platforms side-platforms" aria-label="Platforms">
          {image.platforms.map((one) => (
            <li key={one.id}>
              <a href={filesPath(name, reference, one.id)} aria-current={one === chosen ? 'true' : undefined}>
                {one.text}
              </a>
            </li>
          ))}
        </ul>
      )}
      {failure !== undefined && !image && <Problem title="This image could not be read." failure={failure} />}
      {!image && failure === undefined && <Loading what="the image" />}
      {digest && (
        <Contents
          key={digest}
          name={name}
          reference={reference}
          platform={chosen?.id}
          digest={digest}
          layer={layer}
        />
      )}
      {image && !digest && <p>This index names no image, so there are no files to show.</p>}
    </>
  )
}

interface ContentsProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  readonly digest: string
  readonly layer: string | undefined
}

function Contents({ digest, ...props }: ContentsProps) {
  const { value, failure } = useContents(props.name, digest)
  if (!value)
    return failure === undefined ? (
      <Loading what="the layers" />
    ) : (
      <Problem title="This image could not be read." failure={failure} />
    )
  return <FilesBody {...props} contents={value} />
}
