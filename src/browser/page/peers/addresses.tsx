/** The addresses that this browser connects to. */
import { tellChange } from '../changes-state.ts'
import { changeSettings, type Settings } from '../requests/peers.ts'

export function Addresses({ settings: { peers } }: { settings: Settings }) {
  if (peers.length === 0) return null
  const remove = (address: string) =>
    changeSettings({ peers: peers.filter((peer) => peer !== address) }).then(tellChange)
  return (
    <ul class="addresses" aria-label="Addresses">
      {peers.map((address) => (
        <li key={address}>
          <code class="wrap">{address}</code>
          <button type="button" class="button bare" onClick={() => remove(address)}>
            Remove<span class="visually-hidden"> {address}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
