/** Compares two images: their layers, configs and files. */
import { Loading } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { chosenPlatform, type Image, useContents, useImage } from '../image/use-image.ts'
import { comparePath, type ImageSideRoute, parseImageReference, referenceText } from '../route.ts'
import { CompareForm } from './compare-form.tsx'
import { ConfigDifferences } from './config-differences.tsx'
import { FileDifferences } from './file-differences.tsx'
import { LayerDifferences } from './layer-differences.tsx'
import { type ComparedImage, type Side, sideOf } from './sides.ts'
import '../styles/compare.css'

export function CompareBody({ name, reference, platform, other, otherPlatform }: ImageSideRoute) {
  const parsed = other === undefined ? undefined : parseImageReference(other)
  return (
    <>
      <CompareForm name={name} reference={reference} platform={platform} other={other} />
      {other !== undefined && !parsed && (
        <Problem
          title="This is not an image."
          failure="an image is written as name:tag or name@digest, such as library/alpine:3.22"
        />
      )}
      {parsed && (
        <Pair
          before={{ name, reference, platform }}
          after={{ ...parsed, platform: otherPlatform ?? platform }}
        />
      )}
    </>
  )
}

function Pair({ before, after }: { before: Side; after: Side }) {
  const one = useImage(before.name, before.reference)
  const two = useImage(after.name, after.reference)
  const failed = [
    { side: before, ...one },
    { side: after, ...two },
  ].find(({ value, failure }) => !value && failure !== undefined)
  if (failed)
    return (
      <Problem
        title={`${referenceText(failed.side.name, failed.side.reference)} could not be read.`}
        failure={failed.failure}
      />
    )
  if (!one.value || !two.value) return <Loading what="the images" />
  const left = sideOf(before, one.value)
  const right = sideOf(after, two.value)
  return (
    <>
      <PlatformChoice before={before} after={after} images={[one.value, two.value]} />
      {left && right ? (
        <Differences key={`${left.digest} ${right.digest}`} left={left} right={right} />
      ) : (
        <p>One of the two is an index that names no image.</p>
      )}
    </>
  )
}

function Differences({ left, right }: { left: ComparedImage; right: ComparedImage }) {
  const one = useContents(left.name, left.digest)
  const two = useContents(right.name, right.digest)
  const failure = (one.value ? undefined : one.failure) ?? (two.value ? undefined : two.failure)
  if (failure !== undefined) return <Problem title="One of the images could not be read." failure={failure} />
  if (!one.value || !two.value) return <Loading what="the layers" />
  if (left.digest === right.digest)
    return <p class="compare-same">Both are the same image: {left.digest.slice(0, 19)}…</p>
  return (
    <div class="compare">
      <LayerDifferences left={left} right={right} before={one.value.manifest} after={two.value.manifest} />
      <ConfigDifferences left={left} right={right} before={one.value.config} after={two.value.config} />
      <FileDifferences left={left} right={right} before={one.value.manifest} after={two.value.manifest} />
    </div>
  )
}

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
