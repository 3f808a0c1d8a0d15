/** Attestations that a builder put into the index beside its images. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { Digest } from '../parts/digest.tsx'
import { sizeText } from '../parts/sizes.ts'
import { imagePath } from '../route.ts'

export function Attestations({ name, attestations }: { name: string; attestations: readonly Descriptor[] }) {
  if (attestations.length === 0) return null
  return (
    <section class="section" aria-labelledby="attestations">
      <h2 id="attestations">Attestations in the index</h2>
      <ul class="plain">
        {attestations.map(({ digest, size }) => (
          <li key={digest}>
            <a href={imagePath(name, digest)}>
              <Digest digest={digest} />
            </a>{' '}
            <span class="quiet numbers">{sizeText(size)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
