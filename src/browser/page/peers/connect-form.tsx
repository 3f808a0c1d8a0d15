/** Connecting to a peer, by its address. */
import { useId, useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { Problem } from '../parts/problem.tsx'
import { changeSettings } from '../requests/peers.ts'
import { addressText, FORMAT, toMultiaddr } from './address-text.ts'

export function ConnectForm() {
  const field = useId()
  const [problem, setProblem] = useState<string>()
  const [failure, setFailure] = useState<unknown>()
  const connect = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const address = toMultiaddr(String(new FormData(form).get('address')))
    if (!address) return setProblem(`This is no address. Addresses look like ${FORMAT}.`)
    form.reset() // at once: the next one may be typed already
    try {
      await changeSettings(({ peers }) => ({ peers: [...new Set([...peers, address])] }))
      setFailure(undefined)
      announce(`Connecting to ${addressText(address)}`)
      tellChange()
    } catch (failure) {
      setFailure(failure)
    }
  }
  return (
    <section class="section" aria-labelledby={`${field}-title`}>
      <h2 id={`${field}-title`}>Connect to a peer</h2>
      <form onSubmit={connect} noValidate>
        <label for={field}>Address</label>
        <div class="row">
          <input
            id={field}
            name="address"
            class="mono grow"
            placeholder="http://localhost:5001"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-invalid={problem !== undefined}
            aria-describedby={`${field}-hint`}
            onInput={() => setProblem(undefined)}
          />
          <button type="submit" class="button primary">
            Connect
          </button>
        </div>
        <p id={`${field}-hint`} class={problem ? 'hint bad' : 'hint'} role={problem ? 'alert' : undefined}>
          {problem ?? (
            <>
              Of a registry that runs Flotilla, such as <code>http://localhost:5001</code>. Its setting{' '}
              <code>http.cors.origins</code> has to name this page: <code>{location.origin}</code>. Multiaddrs
              that end in <code>/ws/p2p/…</code> or <code>/wss/p2p/…</code> work too;{' '}
              <code>flotilla peers</code> shows them.
            </>
          )}
        </p>
      </form>
      {failure !== undefined && <Problem title="The address was not added." failure={failure} />}
    </section>
  )
}
