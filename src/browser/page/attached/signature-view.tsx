/** Who claims to have signed, and a form that verifies the signature with a public key. */
import { useState } from 'preact/hooks'
import type { Signature } from '../../../core/attestations/signature.ts'
import { verify } from '../../../core/attestations/verify.ts'
import { announce } from '../components/announcement.tsx'
import { Pair } from '../components/pairs.tsx'
import { Problem } from '../components/problem.tsx'
import { Moment } from '../components/values.tsx'
import { visibleText } from '../components/visible-text.ts'

export const SignatureView = ({ signature }: { signature: Signature }) => {
  const { certificate, key, time, timeBy, logIndex, format, signed } = signature
  return (
    <div class="signature">
      <dl class="pairs">
        <Pair name="Signed by">
          {certificate?.names.length ? certificate.names.map(visibleText).join(', ') : undefined}
        </Pair>
        <Pair name="Identity from">{certificate?.identityProvider}</Pair>
        <Pair name="Certificate of">{certificate?.subject}</Pair>
        <Pair name="Issued by">{certificate?.issuer}</Pair>
        <Pair name="Valid">
          {certificate?.notBefore && (
            <>
              {dayText(certificate.notBefore)} to {dayText(certificate.notAfter)}
            </>
          )}
        </Pair>
        <Pair name="Key">{key}</Pair>
        <Pair name="Time">
          {time && (
            <>
              {dayText(time)} (<Moment at={time} />
              ), says the {timeBy}
            </>
          )}
        </Pair>
        <Pair name="Log entry">{logIndex}</Pair>
        <Pair name="Form">{format}</Pair>
      </dl>
      <p class="hint">
        Not verified here: the above is what the signature claims
        {certificate ? '' : ', and it names nobody: its public key is needed to tell whose it is'}.
      </p>
      {signed && <KeyCheck signed={signed} />}
    </div>
  )
}

/** In UTC with seconds, as in certificates. */
const dayText = (time: string | undefined): string =>
  time && !Number.isNaN(Date.parse(time))
    ? `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    : 'no time'

type Verdict = { readonly is: 'right' | 'wrong' } | { readonly is: 'failed'; readonly failure: unknown }

function KeyCheck({ signed }: { signed: NonNullable<Signature['signed']> }) {
  const [pem, setPem] = useState('')
  const [verdict, setVerdict] = useState<Verdict>()
  const check = async (event: SubmitEvent) => {
    event.preventDefault()
    try {
      const isRight = await verify(signed, pem)
      setVerdict({ is: isRight ? 'right' : 'wrong' })
      announce(isRight ? RIGHT : WRONG)
    } catch (failure) {
      setVerdict({ is: 'failed', failure })
    }
  }
  return (
    <details class="key-check">
      <summary>Check it with a public key</summary>
      <form class="form" onSubmit={check}>
        <label>
          Public key (PEM), such as <code>cosign.pub</code>
          <textarea
            class="input"
            rows={4}
            required
            spellcheck={false}
            value={pem}
            onInput={({ currentTarget }) => {
              setPem(currentTarget.value)
              setVerdict(undefined)
            }}
          />
        </label>
        <button type="submit" class="button">
          Check the signature
        </button>
        {verdict?.is === 'right' && <p class="good">{RIGHT}</p>}
        {verdict?.is === 'wrong' && <p class="warn">{WRONG}</p>}
        {verdict?.is === 'failed' && <Problem title="It could not be checked." failure={verdict.failure} />}
      </form>
    </details>
  )
}

const RIGHT = 'This signature is of this key, and what it signs is unchanged.'
const WRONG = 'This signature is not of this key, or what it signs was changed.'
