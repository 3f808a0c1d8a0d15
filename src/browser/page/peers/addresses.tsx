/** The addresses that this browser connects to, the state of each, and a form to add one. */

import { useId, useState } from 'preact/hooks'
import { announce } from '../components/announcement.tsx'
import { Problem } from '../components/problem.tsx'
import { Moment } from '../components/values.tsx'
import {
  type AddressFault,
  changeSettings,
  type PeerAddress,
  type Peers,
  type Settings,
} from '../requests/peers.ts'
import { invalidate, useMutation } from '../requests/use-query.ts'
import { addressText, FORMAT, toMultiaddr } from './address-text.ts'
import { shortId } from './peer-id.tsx'

interface AddressesProps {
  readonly settings: Settings
  readonly peers: Peers
}

export function Addresses({ settings: { peers: named }, peers: { addresses = [] } }: AddressesProps) {
  const { failure, run } = useMutation()
  if (named.length === 0) return null
  const stateOf = new Map(addresses.map((place) => [place.address, place]))
  const remove = (address: string) =>
    run(() =>
      changeSettings(({ peers }) => ({ peers: peers.filter((peer) => peer !== address) })).then(invalidate),
    )
  return (
    <>
      {failure !== undefined && <Problem title="The address was not removed." failure={failure} />}
      <ul class="addresses" aria-label="Addresses">
        {named.map((address) => (
          <li key={address}>
            <span>
              <code class="wrap">{addressText(address)}</code>
              <PlaceText place={stateOf.get(address)} />
            </span>
            <button type="button" class="button bare" onClick={() => remove(address)}>
              Remove<span class="visually-hidden"> {addressText(address)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

function PlaceText({ place }: { place: PeerAddress | undefined }) {
  if (place?.state === 'connected')
    return (
      <span class="place">
        <span class="dot good" /> Connected as {place.id && shortId(place.id)}
      </span>
    )
  if (place?.state === 'unreachable')
    return (
      <span class="place bad">
        <span class="dot" /> Not connected since <Moment at={place.since} />:{' '}
        {FAULT_TEXTS[place.fault ?? 'unreachable']}
      </span>
    )
  return <span class="place quiet">Connecting…</span>
}

export function ConnectForm() {
  const field = useId()
  const [problem, setProblem] = useState<string>()
  const [failure, setFailure] = useState<unknown>()
  const connect = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const address = toMultiaddr(String(new FormData(form).get('address')))
    if (!address) return setProblem(`This is not an address. Addresses look like ${FORMAT}.`)
    form.reset() // before waiting, so that the next address can be typed
    try {
      await changeSettings(({ peers }) => ({ peers: [...new Set([...peers, address])] }))
      setFailure(undefined)
      announce(`Connecting to ${addressText(address)}`)
      invalidate()
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

export const FAULT_TEXTS: Readonly<Record<AddressFault, string>> = {
  unreachable: `nothing answers there, or its setting http.cors.origins does not name ${location.origin}.`,
  'no-peer': 'what answers there is not a Flotilla registry.',
  private: 'it refuses: its swarm has a key, so pages cannot ask it.',
  alone: 'it is a registry without a swarm (swarm.enabled), or it is still starting.',
  another: 'another peer answers there than the one that the address names.',
  unproved: 'what answers there does not prove who it is.',
}
