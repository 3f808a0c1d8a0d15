/** What is odd about the layers that are shown: damage, names that lead out of the image, another's word. */
import { Problem } from '../parts/problem.tsx'
import { countText } from '../parts/texts.ts'
import { visibleText } from '../parts/visible-text.ts'
import type { LayerResult } from './messages.ts'
import { failureOf } from './reader.ts'

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
