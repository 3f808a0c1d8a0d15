/** One step of the build: the instruction, and the layer that it made, if it made one. */
import { ShareBar } from '../parts/share-bar.tsx'
import { sizeText } from '../parts/sizes.ts'
import { shortDigest, typeText } from '../parts/texts.ts'
import { visibleText } from '../parts/visible-text.ts'
import { instructionOf, type Step } from './image-config.ts'
import type { LayerPlace } from './layer-place.ts'
import { PlaceText } from './place-text.tsx'

interface RowProps {
  readonly step: Step
  readonly largest: number
  readonly place: LayerPlace | undefined
  readonly givers: readonly string[]
}

export function LayerRow({ step: { layer, history }, largest, place, givers }: RowProps) {
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
      <td class="wide origin">{layer && <PlaceText place={place} givers={givers} />}</td>
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

/** Beyond this it is folded, to two lines. */
const LONG = 160

const Instruction = ({ text }: { text: string }) => {
  const [, keyword = '', rest = text] = /^([A-Z]{3,})(\s.*)$/s.exec(text) ?? []
  const code = (
    <code class="instruction">
      {keyword && <strong>{keyword}</strong>}
      {rest.replace(/(?<!\s)\s{2,}(?=&&|\|\|)/g, '\n  ')}
    </code>
  )
  if (text.length <= LONG) return code
  return (
    <details class="fold">
      <summary>{code}</summary>
    </details>
  )
}
