/** The subjects that an attestation names, with a warning if its image is not among them. */
import type { AttachedDocument } from '../../../core/attestations/attached.ts'
import { parseDigest } from '../../../core/oci/digest.ts'
import { visibleText } from '../components/visible-text.ts'
import { imagePath } from '../route.ts'

interface SubjectsProps {
  readonly name: string
  readonly attached: AttachedDocument
  readonly subject: string | undefined
}

const MAX_SUBJECTS = 10

export function SubjectsView({ name, attached: { subjects, remarks }, subject }: SubjectsProps) {
  const digests = subjects.flatMap(({ digests }) => digests)
  const isOther = subject !== undefined && digests.length > 0 && !digests.includes(subject)
  if (subjects.length === 0 && remarks.length === 0) return null
  return (
    <>
      {isOther && (
        <div class="note problem" role="alert">
          <p>It is about another image than the one it is attached to.</p>
        </div>
      )}
      <dl class="pairs">
        {subjects.slice(0, MAX_SUBJECTS).map(({ name: called, digests }, index) => (
          <div key={index}>
            <dt>About</dt>
            <dd>
              {called && <code class="wrap">{visibleText(called)}</code>}
              {digests.map((digest) => (
                <div key={digest}>
                  {parseDigest(digest) ? (
                    <a href={imagePath(name, digest)}>
                      <code class="digest">{digest}</code>
                    </a>
                  ) : (
                    <code class="digest">{visibleText(digest)}</code>
                  )}
                </div>
              ))}
            </dd>
          </div>
        ))}
        {remarks.map(([key, value]) => (
          <div key={key}>
            <dt>{visibleText(key)}</dt>
            <dd>{visibleText(value)}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
