/** What an image is made of, in the order it is laid down, each layer with the step that made it. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import { type HistoryEntry, stepsOf } from './image-config.ts'
import { LayerRow } from './layer-row.tsx'
import { useOrigins } from './use-origins.ts'

interface LayersProps {
  readonly layers: readonly Descriptor[]
  readonly history?: readonly HistoryEntry[] | undefined
  /** What they are. Default: layers. */
  readonly noun?: 'layer' | 'blob'
}

export function Layers({ layers, history, noun = 'layer' }: LayersProps) {
  const origins = useOrigins(layers.map(({ digest }) => digest))
  const total = layers.reduce((sum, { size }) => sum + size, 0)
  const largest = layers.reduce((most, { size }) => Math.max(most, size), 0)
  return (
    <section class="section" aria-labelledby="layers">
      <div class="section-head">
        <h2 id="layers">{countText(layers.length, noun)}</h2>
        <p class="quiet numbers">{sizeText(total)} in all</p>
      </div>
      <table class="table layers">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" class="wide">
              Layer
            </th>
            <th scope="col" class="wider">
              Type
            </th>
            <th scope="col" class="wide">
              From
            </th>
            <th scope="col" class="number">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {stepsOf(layers, history).map((step, index) => (
            <LayerRow key={index} step={step} largest={largest} origins={origins} />
          ))}
        </tbody>
      </table>
    </section>
  )
}
