/** What refers to an image: signatures, SBOMs, attestations; by the referrers API, and by tags of cosign. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { VOUCHER } from '../../../core/oci/voucher.ts'
import { Icon } from '../parts/icon.tsx'
import { Problem } from '../parts/problem.tsx'
import { artifactText, shortDigest } from '../parts/texts.ts'
import { visibleText } from '../parts/visible-text.ts'
import { findImages, type HeldImage } from '../requests/owner.ts'
import { client, createLookingClient } from '../requests/request.ts'
import { imagePath } from '../route.ts'
import { pullImage } from '../transfers/pull/pull-image.ts'
import { useLoaded } from '../use-loaded.ts'
import { findCosignTags } from './cosign-tags.ts'

interface ReferrersProps {
  readonly name: string
  readonly digest: Digest
  /** Whether the image is stored here. */
  readonly isHeld: boolean
}

export function Referrers({ name, digest, isHeld }: ReferrersProps) {
  const { value, failure } = useLoaded(`${digest} ${isHeld}`, async (signal) => {
    // Of an image that is stored, what trusted peers list is stored with it; of one that is not, nothing may be.
    const asked = isHeld ? client : createLookingClient()
    const referrers = await asked.referrers(name, digest, { signal })
    const tags = isHeld ? await findCosignTags(name, digest, signal).catch(() => []) : []
    const held = await findImages(
      name,
      referrers.map((referrer) => referrer.digest),
      { signal },
    )
    const rows = [
      ...referrers.map((referrer) => rowOf(referrer, held.get(referrer.digest))),
      ...tags.map(({ tag, what }) => ({ what, reference: tag, type: 'by a tag of cosign', isStored: true })),
    ]
    return { rows }
  })
  const missing = value?.rows.filter(({ isStored }) => !isStored) ?? []
  const pullMissing = () => {
    for (const { reference } of missing) pullImage({ name, reference, keep: false })
  }
  return (
    <section class="section" aria-labelledby="referrers">
      <div class="section-head">
        <h2 id="referrers">Signatures and SBOMs</h2>
        {missing.length > 0 && (
          <button type="button" class="button" onClick={pullMissing}>
            <Icon name="pull" /> {missing.length === 1 ? 'Pull it' : `Pull these ${missing.length}`}
          </button>
        )}
      </div>
      {failure !== undefined && <Problem title="Signatures and SBOMs could not be read." failure={failure} />}
      {value?.rows.length === 0 && (
        <p class="quiet">
          {isHeld
            ? 'No signature, SBOM or anything else is attached to this image, as far as is known here.'
            : 'Peers are asked for signatures and SBOMs once the image has been pulled.'}
        </p>
      )}
      {value && value.rows.length > 0 && <ReferrerTable name={name} rows={value.rows} />}
    </section>
  )
}

interface ReferrerRow {
  readonly what: string
  /** Tag or digest. */
  readonly reference: string
  readonly type: string
  /** With all that it needs. */
  readonly isStored: boolean
  /** On whose word it belongs to the image. */
  readonly voucher?: string | undefined
}

const rowOf = (
  { digest, artifactType = '', annotations }: Descriptor,
  held: HeldImage | undefined,
): ReferrerRow => ({
  what: artifactText(artifactType),
  reference: digest,
  type: artifactType,
  isStored: held?.missing === 0,
  voucher: annotations?.[VOUCHER],
})

const ReferrerTable = ({ name, rows }: { name: string; rows: readonly ReferrerRow[] }) => (
  <table class="table referrers">
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col" class="wide">
          Type
        </th>
        <th scope="col">Digest</th>
        <th scope="col">Where</th>
      </tr>
    </thead>
    <tbody>
      {rows.map(({ what, reference, type, isStored, voucher }) => (
        <tr key={reference}>
          <th scope="row">
            <a class="row-link" href={imagePath(name, reference)}>
              {what}
            </a>
          </th>
          <td class="wide">
            <code class="wrap">{visibleText(type)}</code>
          </td>
          <td>
            <a href={imagePath(name, reference)}>
              <code class={reference.includes(':') ? 'digest unbroken' : 'wrap'} title={reference}>
                {reference.includes(':') ? shortDigest(reference) : reference}
              </code>
            </a>
          </td>
          <td>
            <span class={isStored ? '' : 'warn'}>{isStored ? 'stored here' : 'not stored here'}</span>
            {voucher !== undefined && (
              <span class="under quiet" title={voucher}>
                attached by peer <code class="digest unbroken">…{voucher.slice(-6)}</code>
              </span>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
