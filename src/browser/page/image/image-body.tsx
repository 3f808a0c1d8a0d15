/** The content of an image's page. */
import { isIndexType } from '../../../core/oci/media-type.ts'
import { CopyButton } from '../components/buttons.tsx'
import { Boundary } from '../components/problem.tsx'
import { sizeText } from '../components/text.ts'
import type { ImageManifest } from '../requests/distribution.ts'
import { imagePath } from '../route.ts'
import { Annotations } from './about.tsx'
import { Actions } from './actions.tsx'
import { Attestations } from './attestations.tsx'
import { Commands } from './commands.tsx'
import { ContentsView } from './contents-view.tsx'
import { Facts } from './facts.tsx'
import { Layers } from './layers.tsx'
import { Referrers } from './referrers.tsx'
import { chosenPlatform, type Image, type Platform } from './use-image.ts'

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
          <Layers name={name} layers={image.others} noun="blob" providers={manifest.providers} />
        </Boundary>
      )}
      <Boundary what="The attestations">
        <Attestations name={name} attestations={image.attestations} platforms={platforms} />
      </Boundary>
      <Boundary what="What refers to it">
        <Referrers name={name} digest={manifest.digest} isStored={image.stored !== undefined} />
      </Boundary>
      <Boundary what="The annotations">
        <Annotations title="Annotations" entries={manifest.annotations} />
      </Boundary>
      <RawManifest manifest={manifest} />
    </>
  )
}

export const RawManifest = ({ manifest: { json } }: { manifest: ImageManifest }) => (
  <details class="section">
    <summary>
      <h2>Manifest</h2>
    </summary>
    <div class="raw">
      <CopyButton text={JSON.stringify(json, null, 2)} what="manifest" />
      <pre>{JSON.stringify(json, null, 2)}</pre>
    </div>
  </details>
)

interface PlatformsProps {
  readonly name: string
  readonly reference: string
  readonly platforms: readonly Platform[]
  readonly chosen: Platform | undefined
}

export const Platforms = ({ name, reference, platforms, chosen }: PlatformsProps) => (
  <section class="section" aria-labelledby="platforms">
    <h2 id="platforms">Platforms</h2>
    <ul class="platforms">
      {platforms.map((platform) => (
        <li key={platform.descriptor.digest}>
          <a
            href={imagePath(name, reference, platform.id)}
            aria-current={platform === chosen ? 'true' : undefined}
          >
            <span>{platform.text}</span>
            <span class="quiet numbers">{storedText(platform)}</span>
          </a>
        </li>
      ))}
    </ul>
  </section>
)

const storedText = ({ stored }: Platform): string => {
  if (!stored) return 'not stored here'
  return stored.missing > 0 ? 'incomplete' : sizeText(stored.bytes)
}
