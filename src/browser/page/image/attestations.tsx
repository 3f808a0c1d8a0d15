/** Attestations that a builder put into the index beside its images: what each says, and of which platform. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { Digest } from '../parts/digest.tsx'
import { artifactText } from '../parts/texts.ts'
import { pullManifest } from '../requests/distribution.ts'
import { imagePath } from '../route.ts'
import { useLoaded } from '../use-loaded.ts'
import type { Platform } from './use-image.ts'

interface AttestationsProps {
  readonly name: string
  readonly attestations: readonly Descriptor[]
  readonly platforms: readonly Platform[]
}

/** Attestations that are shown. */
const MOST = 50

export function Attestations({ name, attestations, platforms }: AttestationsProps) {
  if (attestations.length === 0) return null
  return (
    <section class="section" aria-labelledby="attestations">
      <h2 id="attestations">Attestations in the index</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Platform</th>
            <th scope="col">Digest</th>
          </tr>
        </thead>
        <tbody>
          {attestations.slice(0, MOST).map((attestation) => (
            <Row key={attestation.digest} name={name} attestation={attestation} platforms={platforms} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface RowProps {
  readonly name: string
  readonly attestation: Descriptor
  readonly platforms: readonly Platform[]
}

function Row({ name, attestation: { digest, annotations }, platforms }: RowProps) {
  const { value } = useLoaded(`${name} ${digest}`, (signal) => pullManifest(name, digest, { signal }))
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
