/** Which files differ. They are read on demand, because that takes all layers that the images do not share. */

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Difference, Differences, Sum } from '../../../core/layers/differences.ts'
import { MoreButton } from '../components/buttons.tsx'
import { Problem } from '../components/problem.tsx'
import { Table } from '../components/table.tsx'
import { countText, sizeText } from '../components/text.ts'
import { visibleText } from '../components/visible-text.ts'
import type { LayerAddress, LayerResult, ReadProgress } from '../files/messages.ts'
import { createFilesReader, type FilesReader, failureOf, ReadingProgress } from '../files/reader.tsx'
import { isTar, locationOf, useStoredBlobs } from '../image/layer-location.tsx'
import type { ImageManifest } from '../requests/distribution.ts'
import type { ComparedImage } from './sides.ts'
import { growthText } from './sides.ts'

interface DifferencesProps {
  readonly left: ComparedImage
  readonly right: ComparedImage
  readonly before: ImageManifest
  readonly after: ImageManifest
}

interface Compared {
  readonly differences: Differences
  readonly layers: readonly LayerResult[]
}

export function FileDifferences({ left, right, before, after }: DifferencesProps) {
  const storedBlobs = useStoredBlobs([...before.blobs, ...after.blobs].map(({ digest }) => digest))
  const [compared, setCompared] = useState<Compared>()
  const [progress, setProgress] = useState<ReadProgress>()
  const [failure, setFailure] = useState<unknown>()
  const [isReading, setReading] = useState(false)
  const reader = useRef<FilesReader>(undefined)
  useEffect(() => () => reader.current?.close(), [])
  const addresses = (name: string, { blobs }: ImageManifest): readonly LayerAddress[] =>
    blobs.map(({ digest, size, annotations, mediaType }) => {
      const here = locationOf(storedBlobs, name, digest)?.is === 'here' ? 'here' : 'peers'
      return { repository: name, digest, size, annotations, from: isTar(mediaType) ? here : 'nowhere' }
    })
  const one = addresses(left.name, before)
  const two = addresses(right.name, after)
  const away = sizeOf([...one, ...two].filter(({ from }) => from === 'peers'))
  const compare = () => {
    setReading(true)
    reader.current = createFilesReader(setProgress)
    reader.current
      .compare(one, two)
      .then(setCompared, setFailure)
      .finally(() => {
        setReading(false)
        reader.current?.close()
      })
  }
  const broken = compared?.layers.find(({ failure }) => failure)?.failure
  return (
    <section class="section" aria-labelledby="files">
      <h2 id="files">Files</h2>
      {!compared && !isReading && (
        <p class="compare-start">
          <button type="button" class="button primary" disabled={storedBlobs.size === 0} onClick={compare}>
            Compare the files
          </button>
          <span class="quiet">
            Reads the layers, {sizeText(sizeOf(one) + sizeOf(two))}
            {away > 0 && `, of which ${sizeText(away)} come from peers and are not kept`}.
          </span>
        </p>
      )}
      {isReading && <ReadingProgress progress={progress} />}
      {failure !== undefined && <Problem title="The files could not be compared." failure={failure} />}
      {broken && (
        <Problem
          title="A layer could not be read to its end, so the files after that are missing below."
          failure={failureOf(broken)}
        />
      )}
      {compared && <Result differences={compared.differences} />}
    </section>
  )
}

const sizeOf = (layers: readonly LayerAddress[]): number =>
  [...new Map(layers.map((layer) => [layer.digest, layer])).values()].reduce((sum, { size }) => sum + size, 0)

const KINDS = ['added', 'changed', 'removed'] as const

const PAGE_ROWS = 200

function Result({ differences }: { differences: Differences }) {
  const [kinds, setKinds] = useState<ReadonlySet<Difference['is']>>(new Set(KINDS))
  const [limit, setLimit] = useState(PAGE_ROWS)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const shown = differences.paths.filter(({ is }) => kinds.has(is))
  const toggle = (kind: Difference['is']) => {
    const chosen = new Set(kinds)
    if (!chosen.delete(kind)) chosen.add(kind)
    setKinds(chosen)
  }
  return (
    <>
      <h3 ref={heading} tabIndex={-1}>
        {summaryOf(differences)}
      </h3>
      {differences.paths.length > 0 && (
        <fieldset class="compare-kinds">
          <legend class="visually-hidden">Which are shown</legend>
          {KINDS.map((kind) => (
            <label key={kind}>
              <input type="checkbox" checked={kinds.has(kind)} onChange={() => toggle(kind)} />
              {sumText(kind, differences[kind])}
            </label>
          ))}
        </fieldset>
      )}
      {shown.length > 0 && <DifferenceTable differences={shown.slice(0, limit)} />}
      {shown.length > limit && (
        <MoreButton shown={limit} total={shown.length} onMore={() => setLimit(limit + PAGE_ROWS)} />
      )}
    </>
  )
}

function summaryOf({ added, changed, removed, same }: Differences): string {
  const count = added.paths + changed.paths + removed.paths
  if (count === 0) return `All ${countText(same, 'path')} are the same`
  return `${countText(count, 'path differs', 'paths differ')}, ${same.toLocaleString('en')} ${same === 1 ? 'is' : 'are'} the same`
}

const sumText = (kind: string, { paths, bytes }: Sum): string =>
  `${paths.toLocaleString('en')} ${kind}${bytes === 0 ? '' : ` (${growthText(bytes)})`}`

const DifferenceTable = ({ differences }: { differences: readonly Difference[] }) => (
  <Table
    className="file-differences"
    columns={[{ text: 'Path' }, { text: 'Change' }, { text: 'Size', className: 'number' }]}
  >
    <tbody>
      {differences.map(({ path, is, what, before, after }) => (
        <tr key={path}>
          <th scope="row">
            <code class="wrap">{visibleText(path)}</code>
          </th>
          <td class={`is-${is}`}>
            {is}
            {what.length > 0 && <span class="quiet">: {what.join(', ')}</span>}
          </td>
          <td class="number">{sizesText(before, after)}</td>
        </tr>
      ))}
    </tbody>
  </Table>
)

function sizesText(before: number | undefined, after: number | undefined): string {
  if (before === undefined || after === undefined || before === after) return sizeText(after ?? before ?? 0)
  return `${sizeText(before)} → ${sizeText(after)}`
}
