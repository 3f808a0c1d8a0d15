/** The platforms of an index; one of them is looked at. */
import { sizeText } from '../parts/sizes.ts'
import { imagePath } from '../route.ts'
import type { Platform } from './use-image.ts'

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
            <span class="quiet numbers">{heldText(platform)}</span>
          </a>
        </li>
      ))}
    </ul>
  </section>
)

const heldText = ({ held }: Platform): string => {
  if (!held) return 'not stored here'
  return held.missing > 0 ? 'incomplete' : sizeText(held.bytes)
}
