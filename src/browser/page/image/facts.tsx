/** An image at a glance. */
import { CopyButton } from '../parts/copy-button.tsx'
import { Moment } from '../parts/moment.tsx'
import { sizeText } from '../parts/sizes.ts'
import { artifactText, countText, typeText } from '../parts/texts.ts'
import { imagePath } from '../route.ts'
import type { Image } from './use-image.ts'

export function Facts({ name, image: { manifest, held, platforms } }: { name: string; image: Image }) {
  const { digest, mediaType, artifactType, subject } = manifest
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
          {artifactType ? `${artifactText(artifactType)}, ${artifactType}` : typeText(mediaType)}
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
      {held && (
        <>
          <div>
            <dt>Held here</dt>
            <dd class="numbers">
              {sizeText(held.bytes)}
              {held.missing > 0 && <span class="warn">, {countText(held.missing, 'blob')} not here</span>}
            </dd>
          </div>
          <div>
            <dt>From</dt>
            <dd>
              {held.source === 'peers' ? 'Peers' : 'Pushed here'}
              {held.pushedAt !== undefined && (
                <>
                  , <Moment at={held.pushedAt} />
                </>
              )}
            </dd>
          </div>
        </>
      )}
    </dl>
  )
}
