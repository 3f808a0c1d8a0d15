/** The list of layers with their sizes, as links to their files, and remarks about damaged or unusual layers. */

import { Problem } from '../components/problem.tsx'
import { countText, shortDigest, sizeText } from '../components/text.ts'
import { ShareBar } from '../components/values.tsx'
import { visibleText } from '../components/visible-text.ts'
import { instructionOf, type Step } from '../image/image-config.ts'
import { filesPath } from '../route.ts'
import type { LayerAddress, LayerResult, ReadResult } from './messages.ts'
import { failureOf } from './reader.tsx'

interface ListProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  /** One step for each layer. */
  readonly steps: readonly Step[]
  readonly addresses: readonly LayerAddress[]
  readonly result: ReadResult
  /** Position of the selected layer; `undefined` for all layers. */
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

interface RemarksProps {
  readonly layers: readonly LayerResult[]
  readonly chosen: number | undefined
}

export function LayerRemarks({ layers, chosen }: RemarksProps) {
  const shown = layers.flatMap((layer, position) =>
    chosen === undefined || chosen === position ? [{ ...layer, position }] : [],
  )
  return (
    <>
      {shown.map(
        ({ failure, position }) =>
          failure && (
            <Problem
              key={position}
              title={`Layer ${position + 1} could not be read to its end.`}
              failure={failureOf(failure)}
            />
          ),
      )}
      {shown.map(
        ({ strange, strangeCount, position }) =>
          strangeCount > 0 && (
            <details class="note problem" key={position}>
              <summary>
                Layer {position + 1} has {countText(strangeCount, 'name')} that no file can have, such as
                those that lead out of the image: not shown in the tree
              </summary>
              <ul class="plain">
                {strange.map((name, index) => (
                  <li key={index}>
                    <code class="wrap">{visibleText(name)}</code>
                  </li>
                ))}
              </ul>
            </details>
          ),
      )}
      {chosen !== undefined && layers[chosen]?.isByTable && (
        <p class="hint">
          By the table of contents that this layer brings along; the layer itself was not read.
        </p>
      )}
    </>
  )
}
