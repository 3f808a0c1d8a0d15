/** The addresses that this browser connects to, and how it stands with each. */
import { tellChange } from '../changes-state.ts'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { changeSettings, type Peers, type Place, type Settings } from '../requests/peers.ts'
import { useAttempt } from '../use-attempt.ts'
import { addressText } from './address-text.ts'
import { shortId } from './peer-id.tsx'
import { FAULT_TEXTS } from './place-texts.ts'

interface AddressesProps {
  readonly settings: Settings
  readonly peers: Peers
}

export function Addresses({ settings: { peers: named }, peers: { addresses = [] } }: AddressesProps) {
  const { failure, attempt } = useAttempt()
  if (named.length === 0) return null
  const stateOf = new Map(addresses.map((place) => [place.address, place]))
  const remove = (address: string) =>
    attempt(() =>
      changeSettings(({ peers }) => ({ peers: peers.filter((peer) => peer !== address) })).then(tellChange),
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

function PlaceText({ place }: { place: Place | undefined }) {
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
