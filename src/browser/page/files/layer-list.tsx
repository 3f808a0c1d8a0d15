/** Which layer makes the image large, at a glance; each leads to its files. */
import { instructionOf, type Step } from '../image/image-config.ts'
import { ShareBar } from '../parts/share-bar.tsx'
import { sizeText } from '../parts/sizes.ts'
import { shortDigest } from '../parts/texts.ts'
import { visibleText } from '../parts/visible-text.ts'
import { filesPath } from '../route.ts'
import type { LayerAddress, ReadResult } from './messages.ts'

interface ListProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  /** One for each layer. */
  readonly steps: readonly Step[]
  readonly addresses: readonly LayerAddress[]
  readonly result: ReadResult
  /** Position; all layers where it is left out. */
  readonly chosen: number | undefined
}

export function LayerList({ name, reference, platform, steps, addresses, result, chosen }: ListProps) {
  const { waste } = result
  const largest = Math.max(...waste.layers.map(({ bytes }) => bytes))
  return (
    <nav class="layer-list" aria-label="Layers">
      <ol>
        <li>
          <a
            href={filesPath(name, reference, platform)}
            aria-current={chosen === undefined ? 'true' : undefined}
          >
            <strong>All layers together</strong>
            <span class="quiet numbers">
              {sizeText(waste.visible)}, {waste.files.toLocaleString('en')} files
            </span>
            {waste.hidden > 0 && <span class="warn numbers">{sizeText(waste.hidden)} hidden</span>}
          </a>
        </li>
        {addresses.map(({ digest, from }, position) => {
          const sum = waste.layers[position]!
          return (
            <li key={position}>
              <a
                href={filesPath(name, reference, platform, digest)}
                aria-current={chosen === position ? 'true' : undefined}
              >
                <span class="layer-step">
                  <span class="quiet numbers">{position + 1}</span>{' '}
                  <span class="layer-text">{textOf(steps[position]) || shortDigest(digest)}</span>
                </span>
                {from === 'nowhere' ? (
                  <span class="warn">not read</span>
                ) : (
                  <span class="quiet numbers">
                    <ShareBar part={sum.bytes} whole={largest} />
                    {sizeText(sum.bytes)}
                    {sum.hidden > 0 && <span class="warn">, {sizeText(sum.hidden)} hidden</span>}
                  </span>
                )}
              </a>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

const textOf = (step: Step | undefined): string =>
  visibleText(step?.history ? instructionOf(step.history).replace(/\s+/g, ' ').slice(0, 200) : '')
