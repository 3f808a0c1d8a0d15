/** What an image is, what can be done with it, what is in it. */
import { isIndexType } from '../../../core/oci/media-type.ts'
import { Boundary } from '../frame/boundary.tsx'
import { Actions } from './actions.tsx'
import { Annotations } from './annotations.tsx'
import { Attestations } from './attestations.tsx'
import { Commands } from './commands.tsx'
import { ContentsView } from './contents-view.tsx'
import { Facts } from './facts.tsx'
import { Layers } from './layers.tsx'
import { Platforms } from './platforms.tsx'
import { RawManifest } from './raw-manifest.tsx'
import { Referrers } from './referrers.tsx'
import { chosenPlatform, type Image } from './use-image.ts'

interface BodyProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  readonly image: Image
}

export function ImageBody({ name, reference, platform, image }: BodyProps) {
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
