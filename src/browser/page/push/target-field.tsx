/** Fields for the target of a push: the server, a peer, or the address of a registry. */
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { parseTypedRegistry, type Target, type Targets, targetKey, targetText } from './target.ts'

export type Chosen = { readonly target: Target } | { readonly problem: string }

interface TargetProps {
  readonly targets: Targets
  /** The server, if it is a peer. */
  readonly own: { readonly id: string; readonly url: string } | undefined
  readonly chosen: Chosen | undefined
  readonly onChoose: (chosen: Chosen) => void
}

const OTHER = 'other'

export function TargetField({ targets: { writable, serverProblem }, own, chosen, onChoose }: TargetProps) {
  const id = useId()
  const [first] = writable
  const [key, setKey] = useState(first ? targetKey(first) : OTHER)
  const element = useRef<HTMLFieldSetElement>(null)
  useEffect(() => {
    element.current?.querySelector<HTMLInputElement>('input:checked')?.focus() // the dialog was open before this was rendered
    if (!chosen) onChoose(first ? { target: first } : { problem: MALFORMED })
  }, [])
  const choose = (target: Target) => {
    setKey(targetKey(target))
    onChoose({ target })
  }
  const type = (text: string) => onChoose(typed(text, writable, own))
  return (
    <fieldset ref={element} class="choices">
      <legend>To</legend>
      {writable.map((target) => (
        <label class="choice" key={targetKey(target)}>
          <input
            type="radio"
            name={`${id}-to`}
            checked={key === targetKey(target)}
            onChange={() => choose(target)}
          />
          <span class="wrap">{targetText(target)}</span>
        </label>
      ))}
      {serverProblem && <p class="hint">{serverProblem}</p>}
      <label class="choice">
        <input
          type="radio"
          name={`${id}-to`}
          checked={key === OTHER}
          onChange={() => {
            setKey(OTHER)
            type('')
          }}
        />
        <span>Another registry</span>
      </label>
      {key === OTHER && (
        <div class="field">
          <label for={`${id}-address`}>Its address</label>
          <input
            id={`${id}-address`}
            class="mono"
            placeholder="registry.example or localhost:5001"
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby={`${id}-hint`}
            onInput={(event) => type(event.currentTarget.value)}
          />
          <p class="hint" id={`${id}-hint`}>
            Without <code>http://</code> HTTPS is used. It has to let pages of {location.origin} in (CORS).
          </p>
        </div>
      )}
    </fieldset>
  )
}

const MALFORMED =
  'An address looks like registry.example, localhost:5001 or http://192.168.1.20:5000; the name goes into Repository.'

/** Peers are reached through the service worker even if their address is typed: at the page's origin, the worker responds. */
function typed(text: string, writable: readonly Target[], own: TargetProps['own']): Chosen {
  const registry = parseTypedRegistry(text)
  if (!registry) return { problem: MALFORMED }
  const peer = writable.find(({ host }) => host === registry.host)
  if (peer) return { target: peer }
  if (registry.url !== location.origin) return { target: { is: 'registry', ...registry } }
  return { problem: own ? 'The server takes no pushes: it is read-only.' : OWN_ADDRESS }
}

const OWN_ADDRESS =
  'At this address the page is answered by the registry in this browser, and what serves it is not a peer.'
