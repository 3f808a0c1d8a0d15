/** Attestations that a builder has put into an index: what each is, and for which platform. */

import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { Table } from '../components/table.tsx'
import { artifactText } from '../components/text.ts'
import { Digest } from '../components/values.tsx'
import { previewManifest } from '../requests/distribution.ts'
import { useQuery } from '../requests/use-query.ts'
import { imagePath } from '../route.ts'
import type { Platform } from './use-image.ts'

interface AttestationsProps {
  readonly name: string
  readonly attestations: readonly Descriptor[]
  readonly platforms: readonly Platform[]
}

const MAX_SHOWN = 50

export function Attestations({ name, attestations, platforms }: AttestationsProps) {
  if (attestations.length === 0) return null
  return (
    <section class="section" aria-labelledby="attestations">
      <h2 id="attestations">Attestations in the index</h2>
      <Table columns={[{ text: 'What' }, { text: 'Platform' }, { text: 'Digest' }]}>
        <tbody>
          {attestations.slice(0, MAX_SHOWN).map((attestation) => (
            <Row key={attestation.digest} name={name} attestation={attestation} platforms={platforms} />
          ))}
        </tbody>
      </Table>
    </section>
  )
}

interface RowProps {
  readonly name: string
  readonly attestation: Descriptor
  readonly platforms: readonly Platform[]
}

function Row({ name, attestation: { digest, annotations }, platforms }: RowProps) {
  const { value } = useQuery(`${name} ${digest}`, (signal) => previewManifest(name, digest, { signal }))
  const kinds = new Set(value?.blobs.map(kindOf))
  const platform = platforms.find(
    ({ descriptor }) => descriptor.digest === annotations?.['vnd.docker.reference.digest'],
  )
  const path = imagePath(name, digest)
  return (
    <tr>
      <th scope="row">
        <a class="row-link" href={path}>
          {[...kinds].join(', ') || 'Attestation'}
        </a>
      </th>
      <td>{platform?.text}</td>
      <td>
        <a href={path}>
          <Digest digest={digest} />
        </a>
      </td>
    </tr>
  )
}

const kindOf = ({ mediaType, annotations }: Descriptor): string =>
  artifactText(annotations?.['in-toto.io/predicate-type'] ?? mediaType)
