/** The summary of an image. */
import { CopyButton } from '../components/buttons.tsx'
import { DateText } from '../components/pairs.tsx'
import { artifactText, countText, sizeText, typeText } from '../components/text.ts'
import { visibleText } from '../components/visible-text.ts'
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

/** The count includes the config. */
const missingText = (count: number): string =>
  `${countText(count, 'layer or config', 'layers or configs')} ${count === 1 ? 'is' : 'are'} missing`

export function Facts({ name, image: { manifest, stored, platforms } }: { name: string; image: Image }) {
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
      {!stored && (
        <div>
          <dt>Stored here</dt>
          <dd>
            <span class="warn">no</span>
            {manifest.providers.length > 0 && (
              <span title={manifest.providers.join(', ')}>
                , shown as a peer sent it; nothing of it is kept
              </span>
            )}
          </dd>
        </div>
      )}
      {stored && (
        <>
          <div>
            <dt>Stored here</dt>
            <dd class="numbers">
              {sizeText(stored.bytes)}
              {stored.missing > 0 && <span class="warn">, incomplete: {missingText(stored.missing)}</span>}
            </dd>
          </div>
          <div>
            <dt>How it came here</dt>
            <dd>
              {stored.source === 'peers' ? 'Pulled from peers' : 'Pushed or imported'}
              {stored.pushedAt !== undefined && (
                <>
                  , <DateText at={stored.pushedAt} />
                </>
              )}
            </dd>
          </div>
        </>
      )}
    </dl>
  )
}
