/** Which layers two images share, and which only one has. */

import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { Table } from '../components/table.tsx'
import { countText, sizeText } from '../components/text.ts'
import { Digest, ShareBar } from '../components/values.tsx'
import type { ImageManifest } from '../requests/distribution.ts'
import type { ComparedImage } from './sides.ts'
import { growthText } from './sides.ts'

interface DifferencesProps {
  readonly left: ComparedImage
  readonly right: ComparedImage
  readonly before: ImageManifest
  readonly after: ImageManifest
}

type Found = { readonly layer: Descriptor; readonly is: 'shared' | 'removed' | 'added' }

const TEXTS = { shared: 'in both', removed: 'only in the first', added: 'only in the second' } as const

export function LayerDifferences({ left, right, before, after }: DifferencesProps) {
  const found = compareLayers(before.blobs, after.blobs)
  const sums = {
    shared: sumOf(found, 'shared'),
    removed: sumOf(found, 'removed'),
    added: sumOf(found, 'added'),
  }
  const largest = Math.max(...found.map(({ layer }) => layer.size))
  return (
    <section class="section" aria-labelledby="layers">
      <h2 id="layers">Layers</h2>
      <dl class="facts">
        <div>
          <dt>{left.text}</dt>
          <dd class="numbers">{sizeText(sums.shared.bytes + sums.removed.bytes)}</dd>
        </div>
        <div>
          <dt>{right.text}</dt>
          <dd class="numbers">
            {sizeText(sums.shared.bytes + sums.added.bytes)}{' '}
            <span class="quiet">({growthText(sums.added.bytes - sums.removed.bytes)})</span>
          </dd>
        </div>
        <div>
          <dt>Shared</dt>
          <dd class="numbers">
            {countText(sums.shared.count, 'layer')}, {sizeText(sums.shared.bytes)}
          </dd>
        </div>
        <div>
          <dt>To pull, with the first at hand</dt>
          <dd class="numbers">{sizeText(sums.added.bytes)}</dd>
        </div>
      </dl>
      <Table columns={[{ text: 'Layer' }, { text: 'Where' }, { text: 'Size', className: 'number' }]}>
        <tbody>
          {found.map(({ layer, is }, index) => (
            <tr key={index} class={`is-${is}`}>
              <td>
                <Digest digest={layer.digest} />
              </td>
              <td>{TEXTS[is]}</td>
              <td class="number">
                <ShareBar part={layer.size} whole={largest} />
                <span class="size-text">{sizeText(layer.size)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  )
}

/** Shared layers come first, because they are at the bottom. */
function compareLayers(before: readonly Descriptor[], after: readonly Descriptor[]): readonly Found[] {
  const old = new Set(before.map(({ digest }) => digest))
  const now = new Set(after.map(({ digest }) => digest))
  return [
    ...before.map((layer) => ({ layer, is: now.has(layer.digest) ? 'shared' : 'removed' }) as const),
    ...after.filter(({ digest }) => !old.has(digest)).map((layer) => ({ layer, is: 'added' }) as const),
  ]
}

const sumOf = (found: readonly Found[], kind: Found['is']) => {
  const layers = found.filter(({ is }) => is === kind)
  return { count: layers.length, bytes: layers.reduce((sum, { layer }) => sum + layer.size, 0) }
}
