/** Provenance: who built an image, from what, and how. */
import type { Material, Provenance } from '../../../core/attestations/provenance.ts'
import { DateText, Pair } from '../components/pairs.tsx'
import { countText } from '../components/text.ts'
import { visibleLines, visibleText } from '../components/visible-text.ts'

export function ProvenanceView({ provenance }: { provenance: Provenance }) {
  const { builder, buildType, source, started, finished, materials, parameters, instructions } = provenance
  return (
    <>
      <dl class="pairs">
        <Pair name="Builder">{builder ?? 'not named'}</Pair>
        <Pair name="Build type">{buildType}</Pair>
        <Pair name="Source">{source && <MaterialText material={source} />}</Pair>
        <Pair name="Started">{started && <DateText at={started} />}</Pair>
        <Pair name="Finished">{finished && <DateText at={finished} />}</Pair>
      </dl>
      <h3>
        {materials.length > 0
          ? `Built from ${countText(materials.length, 'material')}`
          : 'No materials named'}
      </h3>
      <ul class="plain materials">
        {materials.map((material, index) => (
          <li key={index}>
            <MaterialText material={material} />
          </li>
        ))}
      </ul>
      {instructions.map(({ name, text }, index) => (
        <details key={index} class="instructions">
          <summary>Build instructions: {visibleText(name)}</summary>
          <div class="raw">
            <pre>{visibleLines(text)}</pre>
          </div>
        </details>
      ))}
      {parameters.length > 0 && (
        <details>
          <summary>{countText(parameters.length, 'parameter')} of the build</summary>
          <dl class="pairs named">
            {parameters.map(([name, value], index) => (
              <div key={index}>
                <dt>
                  <code>{visibleText(name)}</code>
                </dt>
                <dd>
                  <code class="lines">{visibleLines(value)}</code>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  )
}

/** Only HTTP and HTTPS URLs become links, because other schemes may be harmful. */
const LINK = /^(?:git\+)?(https?:\/\/[^\s]+)$/

const MaterialText = ({ material: { uri, digests, entry } }: { material: Material }) => {
  const href = LINK.exec(uri)?.[1]
  return (
    <>
      {href ? (
        <a class="wrap" href={href} rel="noreferrer">
          {visibleText(uri)}
        </a>
      ) : (
        <code class="wrap">{visibleText(uri)}</code>
      )}
      {entry && <span class="quiet">{` ${visibleText(entry)}`}</span>}
      {digests.map((digest) => (
        <div key={digest}>
          <code class="digest quiet">{visibleText(digest)}</code>
        </div>
      ))}
    </>
  )
}
