/** One image: what it is, what can be done with it, what is in it. */
import { isIndexType } from '../../../core/oci/media-type.ts'
import { Boundary } from '../frame/boundary.tsx'
import { Heading } from '../frame/heading.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Loading } from '../parts/loading.tsx'
import { referenceText, repositoriesPath, repositoryPath } from '../route.ts'
import { Actions } from './actions.tsx'
import { Annotations } from './annotations.tsx'
import { Attestations } from './attestations.tsx'
import { Commands } from './commands.tsx'
import { ContentsView } from './contents-view.tsx'
import { Facts } from './facts.tsx'
import { ImageMissing } from './image-missing.tsx'
import { Layers } from './layers.tsx'
import { Platforms } from './platforms.tsx'
import { RawManifest } from './raw-manifest.tsx'
import { Referrers } from './referrers.tsx'
import { chosenPlatform, type Image, useImage } from './use-image.ts'

interface ViewProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
}

export function ImageView({ name, reference, platform }: ViewProps) {
  const { value: image, failure } = useImage(name, reference)
  const text = referenceText(name, reference)
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
      {image && <Body name={name} reference={reference} platform={platform} image={image} />}
    </>
  )
}

function Body({ name, reference, platform, image }: ViewProps & { image: Image }) {
  const { manifest, platforms } = image
  const chosen = chosenPlatform(image, platform)
  const isIndex = isIndexType(manifest.mediaType)
  const contents = isIndex ? chosen?.descriptor.digest : manifest.digest
  return (
    <>
      <Boundary what="The facts">
        <Facts name={name} image={image} />
      </Boundary>
      <Boundary what="What can be done with it">
        <Actions name={name} reference={reference} image={image} platform={chosen} />
      </Boundary>
      <Boundary what="The commands">
        <Commands name={name} reference={reference} image={image} platform={chosen} />
      </Boundary>
      {platforms.length > 0 && (
        <Boundary what="The platforms">
          <Platforms name={name} reference={reference} platforms={platforms} chosen={chosen} />
        </Boundary>
      )}
      {contents && (
        <ContentsView
          key={contents}
          name={name}
          reference={reference}
          digest={contents}
          platform={chosen?.id}
          annotations={isIndex ? manifest.annotations : {}}
        />
      )}
      {image.others.length > 0 && (
        <Boundary what="What else the index names">
          <Layers name={name} layers={image.others} noun="blob" givers={manifest.givers} />
        </Boundary>
      )}
      <Boundary what="The attestations">
        <Attestations name={name} attestations={image.attestations} platforms={platforms} />
      </Boundary>
      <Boundary what="What refers to it">
        <Referrers name={name} digest={manifest.digest} isHeld={image.held !== undefined} />
      </Boundary>
      <Boundary what="The annotations">
        <Annotations title="Annotations" entries={manifest.annotations} />
      </Boundary>
      <RawManifest manifest={manifest} />
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
