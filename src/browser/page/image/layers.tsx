/** What an image is made of, in the order it is laid down, each layer with the step that made it. */
import type { ComponentChildren } from 'preact'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import { type HistoryEntry, stepsOf } from './image-config.ts'
import { layerPlace } from './layer-place.ts'
import { LayerRow } from './layer-row.tsx'
import { useOrigins } from './use-origins.ts'

interface LayersProps {
  /** The repository. */
  readonly name: string
  readonly layers: readonly Descriptor[]
  readonly history?: readonly HistoryEntry[] | undefined
  /** What they are. Default: layers. */
  readonly noun?: 'layer' | 'file' | 'blob'
  /** Peers that gave the manifest just now. */
  readonly givers: readonly string[]
  /** To what else shows them. */
  readonly links?: ComponentChildren
}

export function Layers({ name, layers, history, noun = 'layer', givers, links }: LayersProps) {
  const origins = useOrigins(layers.map(({ digest }) => digest))
  const total = layers.reduce((sum, { size }) => sum + size, 0)
  const largest = layers.reduce((most, { size }) => Math.max(most, size), 0)
  return (
    <section class="section" aria-labelledby="layers">
      <div class="section-head">
        <h2 id="layers">{countText(layers.length, noun)}</h2>
        <p class="quiet numbers">{layers.length > 1 && `${sizeText(total)} together`}</p>
        {links}
      </div>
      <table class="table layers">
        <thead>
          <tr>
            <th scope="col">{noun === 'layer' ? 'Step' : 'Name'}</th>
            <th scope="col" class="wide">
              {noun === 'layer' ? 'Layer' : 'Digest'}
            </th>
            <th scope="col" class="wider">
              Type
            </th>
            <th scope="col" class="wide">
              Where
            </th>
            <th scope="col" class="number">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {stepsOf(layers, history).map((step, index) => (
            <LayerRow
              key={index}
              step={step}
              largest={largest}
              place={step.layer && layerPlace(origins, name, step.layer.digest)}
              givers={givers}
            />
          ))}
        </tbody>
      </table>
    </section>
  )
}
