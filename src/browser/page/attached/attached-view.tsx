/** What is attached to an image, in words: each blob read, taken out of its wrappings, and shown as what it says. */
import { type Attached, readAttached } from '../../../core/attestations/attached.ts'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { RegistryError } from '../../../core/oci/error.ts'
import { textIn } from '../files/text-in.ts'
import { Boundary } from '../frame/boundary.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { visibleText } from '../parts/visible-text.ts'
import { lookAtBlob } from '../requests/distribution.ts'
import '../styles/attached.css'
import { useLoaded } from '../use-loaded.ts'
import { kindText } from './kind-text.ts'
import { ProvenanceView } from './provenance-view.tsx'
import { RawDocument } from './raw-document.tsx'
import { SbomView } from './sbom-view.tsx'
import { SignatureView } from './signature-view.tsx'
import { SubjectsView } from './subjects-view.tsx'
import { VexView } from './vex-view.tsx'

interface ViewProps {
  readonly name: string
  readonly blobs: readonly Descriptor[]
  /** What the manifest is attached to, where it says it. */
  readonly subject: string | undefined
}

/** Of one manifest; cosign adds one for each signature. */
const MAX_BLOBS = 20

export const AttachedView = ({ name, blobs, subject }: ViewProps) => (
  <>
    {blobs.slice(0, MAX_BLOBS).map((blob, index) => (
      <Boundary key={`${index} ${blob.digest}`} what="What it says">
        <BlobView name={name} blob={blob} subject={subject} id={`attached-${index}`} />
      </Boundary>
    ))}
    {blobs.length > MAX_BLOBS && (
      <p class="hint">
        The first {MAX_BLOBS} of {blobs.length} are shown.
      </p>
    )}
  </>
)

/** In bytes; SBOMs of large images have 20 MiB. */
const MAX_BYTES = 32 * 1024 * 1024

interface BlobProps {
  readonly name: string
  readonly blob: Descriptor
  readonly subject: string | undefined
  readonly id: string
}

function BlobView({ name, blob, subject, id }: BlobProps) {
  const { digest, size, annotations, mediaType } = blob
  const { value, failure } = useLoaded(`${name} ${digest}`, async (signal) => {
    if (size > MAX_BYTES)
      throw new RegistryError('SIZE_INVALID', `it is too large to be shown: ${sizeText(size)}`)
    const bytes = await lookAtBlob(name, digest, MAX_BYTES, { signal })
    return { bytes, attached: readAttached(bytes, annotations) }
  })
  const attached = value?.attached
  return (
    <section class="section attached" aria-labelledby={id}>
      <h2 id={id}>{attached ? kindText(attached) : visibleText(mediaType)}</h2>
      {failure !== undefined && !value && <Problem title="It could not be read." failure={failure} />}
      {!value && failure === undefined && <Loading what="what it says" />}
      {attached && <Words name={name} attached={attached} subject={subject} />}
      {value && <RawDocument bytes={value.bytes} document={attached?.document} text={textIn(value.bytes)} />}
    </section>
  )
}

const Words = ({
  name,
  attached,
  subject,
}: {
  name: string
  attached: Attached
  subject: string | undefined
}) => {
  const { says, signatures } = attached
  return (
    <>
      <SubjectsView name={name} attached={attached} subject={subject} />
      {signatures.map((signature, index) => (
        <SignatureView key={index} signature={signature} />
      ))}
      {signatures.length === 0 && (
        <p class="hint">Nobody has signed this: it is the word of whoever pushed it.</p>
      )}
      {says?.is === 'sbom' && <SbomView sbom={says} />}
      {says?.is === 'provenance' && <ProvenanceView provenance={says} />}
      {says?.is === 'vex' && <VexView vex={says} />}
    </>
  )
}
