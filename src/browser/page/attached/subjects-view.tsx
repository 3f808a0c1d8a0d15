/** What a statement is about, as it says itself, and whether that is the image that it is attached to. */
import type { Attached } from '../../../core/attestations/attached.ts'
import { parseDigest } from '../../../core/oci/digest.ts'
import { visibleText } from '../parts/visible-text.ts'
import { imagePath } from '../route.ts'

interface SubjectsProps {
  readonly name: string
  readonly attached: Attached
  readonly subject: string | undefined
}

/** Subjects that are shown. */
const MOST = 10

export function SubjectsView({ name, attached: { subjects, remarks }, subject }: SubjectsProps) {
  const digests = subjects.flatMap(({ digests }) => digests)
  const isOther = subject !== undefined && digests.length > 0 && !digests.includes(subject)
  if (subjects.length === 0 && remarks.length === 0) return null
  return (
    <>
      {isOther && (
        <div class="note problem" role="alert">
          <p>It speaks of another image than the one it is attached to.</p>
        </div>
      )}
      <dl class="pairs">
        {subjects.slice(0, MOST).map(({ name: called, digests }, index) => (
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
