/** Signatures, SBOMs and attestations: each blob is read, unwrapped, and shown by its kind. */
import { type AttachedDocument, readAttached } from '../../../core/attestations/attached.ts'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { RegistryError } from '../../../core/oci/error.ts'
import { CopyButton } from '../components/buttons.tsx'
import { Icon } from '../components/icons.tsx'
import { Loading } from '../components/loading.tsx'
import { Boundary, Problem } from '../components/problem.tsx'
import { sizeText } from '../components/text.ts'
import { visibleLines, visibleText } from '../components/visible-text.ts'
import { saveFile, textIn } from '../files/file-text.ts'
import { previewBlob } from '../requests/distribution.ts'
import { useQuery } from '../requests/use-query.ts'
import { ProvenanceView } from './provenance-view.tsx'
import { SbomView } from './sbom-view.tsx'
import { SignatureView } from './signature-view.tsx'
import { SubjectsView } from './subjects-view.tsx'
import { VexView } from './vex-view.tsx'
import '../styles/attached.css'

interface ViewProps {
  readonly name: string
  readonly blobs: readonly Descriptor[]
  /** The digest of the image that the manifest refers to, if it names one. */
  readonly subject: string | undefined
}

/** Blobs of a manifest that are shown; cosign adds one for each signature. */
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

/** SBOMs of large images have 20 MiB. */
const MAX_BYTES = 32 * 1024 * 1024

interface BlobProps {
  readonly name: string
  readonly blob: Descriptor
  readonly subject: string | undefined
  readonly id: string
}

function BlobView({ name, blob, subject, id }: BlobProps) {
  const { digest, size, annotations, mediaType } = blob
  const { value, failure } = useQuery(`${name} ${digest}`, async (signal) => {
    if (size > MAX_BYTES)
      throw new RegistryError('SIZE_INVALID', `it is too large to be shown: ${sizeText(size)}`)
    const bytes = await previewBlob(name, digest, MAX_BYTES, { signal })
    return { bytes, attached: readAttached(bytes, annotations) }
  })
  const attached = value?.attached
  return (
    <section class="section attached" aria-labelledby={id}>
      <h2 id={id}>{attached ? kindText(attached) : visibleText(mediaType)}</h2>
      {failure !== undefined && !value && <Problem title="It could not be read." failure={failure} />}
      {!value && failure === undefined && <Loading what="what it says" />}
      {attached && <Statement name={name} attached={attached} subject={subject} />}
      {value && <RawDocument bytes={value.bytes} document={attached?.document} text={textIn(value.bytes)} />}
    </section>
  )
}

const Statement = ({
  name,
  attached,
  subject,
}: {
  name: string
  attached: AttachedDocument
  subject: string | undefined
}) => {
  const { content: says, signatures } = attached
  return (
    <>
      <SubjectsView name={name} attached={attached} subject={subject} />
      {signatures.map((signature, index) => (
        <SignatureView key={index} signature={signature} />
      ))}
      {signatures.length === 0 && (
        <p class="hint">Nobody has signed this: it may say whatever the person who pushed it wanted.</p>
      )}
      {says?.is === 'sbom' && <SbomView sbom={says} />}
      {says?.is === 'provenance' && <ProvenanceView provenance={says} />}
      {says?.is === 'vex' && <VexView vex={says} />}
    </>
  )
}

const NAMES = { sbom: 'SBOM', provenance: 'Provenance', vex: 'VEX' } as const

export function kindText({ content: says, predicateType, signatures, document }: AttachedDocument): string {
  if (says) return `${NAMES[says.is]}, ${visibleText(says.format)}`
  if (predicateType) return `Attestation, ${visibleText(predicateType)}`
  const [signature] = signatures
  if (signature) return `Signature, ${signature.format}`
  return typeof document === 'object' ? 'Document' : 'Content'
}

interface RawProps {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The unwrapped JSON document; `undefined` if it is not JSON. */
  readonly document: unknown
  /** `undefined` if the bytes are not text. */
  readonly text: string | undefined
}

const MAX_SHOWN_LETTERS = 200_000

export function RawDocument({ bytes, document, text }: RawProps) {
  const whole = document === undefined ? text : JSON.stringify(document, undefined, 2)
  return (
    <>
      {whole === undefined && <p>This is not text. Download it to open it elsewhere.</p>}
      {whole !== undefined && (
        <details>
          <summary>The document itself</summary>
          <div class="raw">
            <CopyButton text={whole} what="document" />
            <pre>{visibleLines(whole.slice(0, MAX_SHOWN_LETTERS))}</pre>
          </div>
          {whole.length > MAX_SHOWN_LETTERS && (
            <p class="hint">Only its beginning is shown; the download has all of it.</p>
          )}
        </details>
      )}
      <p>
        <button type="button" class="button" onClick={() => saveFile(bytes, 'document.json')}>
          <Icon name="pull" /> Download the document
        </button>
      </p>
    </>
  )
}
