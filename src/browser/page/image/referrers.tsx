/** What refers to an image: signatures, SBOMs, attestations. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { VOUCHER } from '../../../core/oci/voucher.ts'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { artifactText, shortDigest } from '../parts/texts.ts'
import { client } from '../requests/request.ts'
import { imagePath } from '../route.ts'
import { useLoaded } from '../use-loaded.ts'

export function Referrers({ name, digest }: { name: string; digest: Digest }) {
  const { value, failure } = useLoaded(digest, (signal) => client.referrers(name, digest, { signal }))
  return (
    <section class="section" aria-labelledby="referrers">
      <h2 id="referrers">Signatures and SBOMs</h2>
      {failure !== undefined && <Problem title="Referrers could not be read." failure={failure} />}
      {value?.length === 0 && <p class="quiet">None refers to this image.</p>}
      {value && value.length > 0 && <ReferrerTable name={name} referrers={value} />}
    </section>
  )
}

const ReferrerTable = ({ name, referrers }: { name: string; referrers: readonly Descriptor[] }) => (
  <table class="table">
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col" class="wide">
          Artifact type
        </th>
        <th scope="col">Digest</th>
        <th scope="col" class="wide">
          From
        </th>
        <th scope="col" class="number">
          Manifest
        </th>
      </tr>
    </thead>
    <tbody>
      {referrers.map(({ digest, artifactType = '', annotations, size }) => (
        <tr key={digest}>
          <th scope="row">
            <a class="row-link" href={imagePath(name, digest)}>
              {artifactText(artifactType)}
            </a>
          </th>
          <td class="wide">
            <code class="wrap">{artifactType}</code>
          </td>
          <td>
            <code class="digest">{shortDigest(digest)}</code>
          </td>
          <td class="wide">
            <Voucher peer={annotations?.[VOUCHER]} />
          </td>
          <td class="number">{sizeText(size)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

/** Whose word it is that this belongs to the image. */
const Voucher = ({ peer }: { peer: string | undefined }) =>
  peer === undefined ? (
    <>pushed here</>
  ) : (
    <span title={peer}>
      peer <code class="digest">…{peer.slice(-6)}</code>
    </span>
  )
