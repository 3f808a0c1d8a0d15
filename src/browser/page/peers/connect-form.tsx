/** Connecting to a peer, by its address. */
import { useId, useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { Problem } from '../parts/problem.tsx'
import { changeSettings, type Settings } from '../requests/peers.ts'

export function ConnectForm({ settings: { peers } }: { settings: Settings }) {
  const field = useId()
  const [failure, setFailure] = useState<unknown>()
  const connect = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const address = String(new FormData(form).get('address')).trim()
    try {
      await changeSettings({ peers: [...new Set([...peers, address])] })
      form.reset()
      setFailure(undefined)
      announce('Address added')
      tellChange()
    } catch (failure) {
      setFailure(failure)
    }
  }
  return (
    <section class="section" aria-labelledby={`${field}-title`}>
      <h2 id={`${field}-title`}>Connect to a peer</h2>
      <form onSubmit={connect}>
        <label for={field}>Multiaddress</label>
        <div class="row">
          <input
            id={field}
            name="address"
            class="mono grow"
            required
            pattern="/.+"
            placeholder="/dns4/registry.example/tcp/443/https"
            autocomplete="off"
            spellcheck={false}
            aria-describedby={`${field}-hint`}
          />
          <button type="submit" class="button primary">
            Connect
          </button>
        </div>
        <p id={`${field}-hint`} class="hint">
          Ending in <code>/http</code> or <code>/https</code>: the peer's registry, the fastest way. In{' '}
          <code>/ws</code> or <code>/wss</code>: libp2p, by the tab that leads. <code>flotilla peers</code>{' '}
          tells a peer's addresses.
        </p>
      </form>
      {failure !== undefined && <Problem title="The address was not taken." failure={failure} />}
    </section>
  )
}
