/** Which platforms are compared, where one of the two images has several. */
import { chosenPlatform, type Image } from '../image/use-image.ts'
import { comparePath, referenceText } from '../route.ts'
import type { Side } from './sides.ts'

interface PlatformProps {
  readonly before: Side
  readonly after: Side
  readonly images: readonly [Image, Image]
}

export function PlatformChoice({ before, after, images }: PlatformProps) {
  const other = referenceText(after.name, after.reference)
  const pathFor = (platform: string | undefined, otherPlatform: string | undefined) =>
    comparePath(before.name, before.reference, { platform, other, otherPlatform })
  const [one, two] = images.map((image) => image.platforms)
  if (one!.length < 2 && two!.length < 2) return null
  return (
    <div class="compare-platforms">
      <Choice
        label="Platform of the first"
        platforms={one!}
        chosen={chosenPlatform(images[0], before.platform)?.id}
        pathOf={(id) => pathFor(id, after.platform)}
      />
      <Choice
        label="Platform of the second"
        platforms={two!}
        chosen={chosenPlatform(images[1], after.platform)?.id}
        pathOf={(id) => pathFor(before.platform, id)}
      />
    </div>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly platforms: Image['platforms']
  readonly chosen: string | undefined
  readonly pathOf: (id: string) => string
}

const Choice = ({ label, platforms, chosen, pathOf }: ChoiceProps) =>
  platforms.length < 2 ? (
    <div />
  ) : (
    <ul class="platforms" aria-label={label}>
      {platforms.map(({ id, text }) => (
        <li key={id}>
          <a href={pathOf(id)} aria-current={id === chosen ? 'true' : undefined}>
            {text}
          </a>
        </li>
      ))}
    </ul>
  )
