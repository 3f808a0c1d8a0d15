/** The layers of an image from the bottom up, with the build steps that made them. */

import type { ComponentChildren } from 'preact'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { Table } from '../components/table.tsx'
import { countText, shortDigest, sizeText, typeText } from '../components/text.ts'
import { ShareBar } from '../components/values.tsx'
import { visibleText } from '../components/visible-text.ts'
import { type HistoryEntry, instructionOf, type Step, stepsOf } from './image-config.ts'
import { type LayerLocation, LocationText, locationOf, useStoredBlobs } from './layer-location.tsx'

interface LayersProps {
  /** The repository. */
  readonly name: string
  readonly layers: readonly Descriptor[]
  readonly history?: readonly HistoryEntry[] | undefined
  /** Default: `layer`. */
  readonly noun?: 'layer' | 'file' | 'blob'
  /** Ids of the peers that sent the manifest just now. */
  readonly providers: readonly string[]
  /** Links to other views of the layers. */
  readonly links?: ComponentChildren
}

export function Layers({ name, layers, history, noun = 'layer', providers, links }: LayersProps) {
  const storedBlobs = useStoredBlobs(layers.map(({ digest }) => digest))
  const total = layers.reduce((sum, { size }) => sum + size, 0)
  const largest = layers.reduce((most, { size }) => Math.max(most, size), 0)
  return (
    <section class="section" aria-labelledby="layers">
      <div class="section-head">
        <h2 id="layers">{countText(layers.length, noun)}</h2>
        <p class="quiet numbers">{layers.length > 1 && `${sizeText(total)} together`}</p>
        {links}
      </div>
      <Table
        className="layers"
        columns={[
          { text: noun === 'layer' ? 'Step' : 'Name' },
          { text: noun === 'layer' ? 'Layer' : 'Digest', className: 'wide' },
          { text: 'Type', className: 'wider' },
          { text: 'Where', className: 'wide' },
          { text: 'Size', className: 'number' },
        ]}
      >
        <tbody>
          {stepsOf(layers, history).map((step, index) => (
            <LayerRow
              key={index}
              step={step}
              largest={largest}
              where={step.layer && locationOf(storedBlobs, name, step.layer.digest)}
              providers={providers}
            />
          ))}
        </tbody>
      </Table>
    </section>
  )
}

interface RowProps {
  readonly step: Step
  readonly largest: number
  readonly where: LayerLocation | undefined
  readonly providers: readonly string[]
}

export function LayerRow({ step: { layer, history }, largest, where, providers }: RowProps) {
  const instruction = history ? instructionOf(history) : ''
  const title = layer?.annotations?.['org.opencontainers.image.title']
  return (
    <tr class={layer ? '' : 'no-layer'}>
      <td>
        <Instruction text={visibleText(instruction || title || '–')} />
      </td>
      <td class="wide">
        {layer && (
          <>
            <code class="digest unbroken" title={layer.digest}>
              {shortDigest(layer.digest)}
            </code>
            <span class="under narrower quiet">{typeText(layer.mediaType)}</span>
          </>
        )}
      </td>
      <td class="wider quiet" title={layer?.mediaType}>
        {layer && typeText(layer.mediaType)}
      </td>
      <td class="wide origin">{layer && <LocationText where={where} providers={providers} />}</td>
      <td class="number size">
        {layer && (
          <>
            <ShareBar part={layer.size} whole={largest} />
            <span class="size-text">{sizeText(layer.size)}</span>
          </>
        )}
      </td>
    </tr>
  )
}

/** Longer instructions are folded to two lines. */
const MAX_UNFOLDED_LETTERS = 160

const Instruction = ({ text }: { text: string }) => {
  const [, keyword = '', rest = text] = /^([A-Z]{3,})(\s.*)$/s.exec(text) ?? []
  const code = (
    <code class="instruction">
      {keyword && <strong>{keyword}</strong>}
      {rest.replace(/(?<!\s)\s{2,}(?=&&|\|\|)/g, '\n  ')}
    </code>
  )
  if (text.length <= MAX_UNFOLDED_LETTERS) return code
  return (
    <details class="fold">
      <summary>{code}</summary>
    </details>
  )
}
