/** An image at a glance. */
import { CopyButton } from '../parts/copy-button.tsx'
import { DateText } from '../parts/date.tsx'
import { sizeText } from '../parts/sizes.ts'
import { artifactText, countText, typeText } from '../parts/texts.ts'
import { visibleText } from '../parts/visible-text.ts'
import type { ImageManifest } from '../requests/distribution.ts'
import { imagePath } from '../route.ts'
import { attachedBlobs } from './attached-kind.ts'
import type { Image } from './use-image.ts'

function kindOf(manifest: ImageManifest): string {
  const { artifactType, mediaType } = manifest
  if (artifactType) return `${artifactText(artifactType)}, ${visibleText(artifactType)}`
  const [attached] = attachedBlobs(manifest)
  if (!attached) return typeText(mediaType)
  return artifactText(attached.annotations?.['in-toto.io/predicate-type'] ?? attached.mediaType)
}

/** Configs are counted with the layers. */
const missingText = (count: number): string =>
  `${countText(count, 'layer or config', 'layers or configs')} ${count === 1 ? 'is' : 'are'} missing`

export function Facts({ name, image: { manifest, held, platforms } }: { name: string; image: Image }) {
  const { digest, mediaType, subject } = manifest
  return (
    <dl class="facts">
      <div class="fact-digest">
        <dt>Digest</dt>
        <dd>
          <code class="digest">{digest}</code>
          <CopyButton text={digest} what="digest" />
        </dd>
      </div>
      <div>
        <dt>Type</dt>
        <dd title={mediaType}>
          {kindOf(manifest)}
          {platforms.length > 0 && `, ${countText(platforms.length, 'platform')}`}
        </dd>
      </div>
      {subject && (
        <div>
          <dt>About</dt>
          <dd>
            <a href={imagePath(name, subject.digest)}>
              <code class="digest">{subject.digest}</code>
            </a>
          </dd>
        </div>
      )}
      {!held && (
        <div>
          <dt>Stored here</dt>
          <dd>
            <span class="warn">no</span>
            {manifest.givers.length > 0 && (
              <span title={manifest.givers.join(', ')}>, shown as a peer gave it; nothing of it is kept</span>
            )}
          </dd>
        </div>
      )}
      {held && (
        <>
          <div>
            <dt>Stored here</dt>
            <dd class="numbers">
              {sizeText(held.bytes)}
              {held.missing > 0 && <span class="warn">, incomplete: {missingText(held.missing)}</span>}
            </dd>
          </div>
          <div>
            <dt>How it came here</dt>
            <dd>
              {held.source === 'peers' ? 'Pulled from peers' : 'Pushed or imported'}
              {held.pushedAt !== undefined && (
                <>
                  , <DateText at={held.pushedAt} />
                </>
              )}
            </dd>
          </div>
        </>
      )}
    </dl>
  )
}
