/** Signatures, SBOMs and attestations of an image, by the referrers API and by cosign's tags. */

import { type Descriptor, PEER_ANNOTATION } from '../../../core/oci/descriptor.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { Icon } from '../components/icons.tsx'
import { Problem } from '../components/problem.tsx'
import { Table } from '../components/table.tsx'
import { artifactText, shortDigest } from '../components/text.ts'
import { visibleText } from '../components/visible-text.ts'
import { findImages, type StoredImage } from '../requests/admin.ts'
import { listTagsAfter } from '../requests/distribution.ts'
import { client, createPreviewClient } from '../requests/request.ts'
import { useQuery } from '../requests/use-query.ts'
import { imagePath } from '../route.ts'
import { pullImage } from '../transfers/pull/start-pull.ts'

interface ReferrersProps {
  readonly name: string
  readonly digest: Digest
  /** Whether the image is stored here. */
  readonly isStored: boolean
}

export function Referrers({ name, digest, isStored }: ReferrersProps) {
  const { value, failure } = useQuery(`${digest} ${isStored}`, async (signal) => {
    // For a stored image, referrers that trusted peers list are stored too; otherwise, nothing is.
    const asked = isStored ? client : createPreviewClient()
    const referrers = await asked.referrers(name, digest, { signal })
    const tags = isStored ? await findCosignTags(name, digest, signal).catch(() => []) : []
    const stored = await findImages(
      name,
      referrers.map((referrer) => referrer.digest),
      { signal },
    )
    const rows = [
      ...referrers.map((referrer) => rowOf(referrer, stored.get(referrer.digest))),
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
          {isStored
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
  /** A tag or a digest. */
  readonly reference: string
  readonly type: string
  /** Whether it is completely stored here. */
  readonly isStored: boolean
  /** The id of the peer that says that it refers to the image. */
  readonly voucher?: string | undefined
}

const rowOf = (
  { digest, artifactType = '', annotations }: Descriptor,
  stored: StoredImage | undefined,
): ReferrerRow => ({
  what: artifactText(artifactType),
  reference: digest,
  type: artifactType,
  isStored: stored?.missing === 0,
  voucher: annotations?.[PEER_ANNOTATION],
})

const ReferrerTable = ({ name, rows }: { name: string; rows: readonly ReferrerRow[] }) => (
  <Table
    className="referrers"
    columns={[{ text: 'What' }, { text: 'Type', className: 'wide' }, { text: 'Digest' }, { text: 'Where' }]}
  >
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
  </Table>
)

export interface CosignTag {
  readonly tag: string
  readonly what: string
}

const KINDS: Readonly<Record<string, string>> = { sig: 'Signature', att: 'Attestation', sbom: 'SBOM' }

/** Tags are listed in order, so that one request finds all of them. */
export async function findCosignTags(
  repository: string,
  digest: string,
  signal: AbortSignal,
): Promise<readonly CosignTag[]> {
  const beginning = digest.replace(':', '-')
  const tags = await listTagsAfter(repository, beginning, 8, { signal })
  return tags.flatMap((tag) => {
    const what = tag.startsWith(`${beginning}.`) ? KINDS[tag.slice(beginning.length + 1)] : undefined
    return what ? [{ tag, what }] : []
  })
}
