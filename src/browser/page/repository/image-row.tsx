/** One tag, or one manifest without any. */
import { isIndexType } from '../../../core/oci/media-type.ts'
import { Digest } from '../parts/digest.tsx'
import { Icon } from '../parts/icon.tsx'
import { Moment } from '../parts/moment.tsx'
import { sizeText } from '../parts/sizes.ts'
import { artifactText, countText, shortDigest } from '../parts/texts.ts'
import type { HeldImage } from '../requests/owner.ts'
import { imagePath } from '../route.ts'
import type { ImageRow as Row } from './rows.ts'

export const ImageRow = ({ name, row: { image, tag } }: { name: string; row: Row }) => (
  <tr>
    <th scope="row">
      <a class="row-link" href={imagePath(name, tag ?? image.digest)}>
        {tag ?? <code>{shortDigest(image.digest)}</code>}
      </a>
      {image.kept && (
        <span class="badge" title="Never evicted">
          <Icon name="keep" /> kept
        </span>
      )}
      {tag && <code class="quiet digest under narrow">{shortDigest(image.digest)}</code>}
    </th>
    {tag && (
      <td class="wide">
        <Digest digest={image.digest} />
      </td>
    )}
    <td class="wide">{whatText(image)}</td>
    <td class="wide">{image.source === 'peers' ? 'peers' : 'pushed here'}</td>
    <td class="wide">
      <Moment at={image.pushedAt} />
    </td>
    <td class="number">
      {sizeText(image.bytes)}
      {image.missing > 0 && <span class="under warn">{countText(image.missing, 'blob')} not here</span>}
    </td>
  </tr>
)

function whatText({ mediaType, artifactType, subject }: HeldImage): string {
  if (isIndexType(mediaType)) return 'Index'
  if (subject) return artifactText(artifactType ?? '')
  return artifactType && !/image\.(?:config\.)?v1\+json$/.test(artifactType)
    ? artifactText(artifactType)
    : 'Image'
}
