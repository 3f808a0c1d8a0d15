/** The addresses that this browser connects to. */
import { tellChange } from '../changes-state.ts'
import { Problem } from '../parts/problem.tsx'
import { changeSettings, type Settings } from '../requests/peers.ts'
import { useAttempt } from '../use-attempt.ts'

export function Addresses({ settings: { peers } }: { settings: Settings }) {
  const { failure, attempt } = useAttempt()
  if (peers.length === 0) return null
  const remove = (address: string) =>
    attempt(() => changeSettings({ peers: peers.filter((peer) => peer !== address) }).then(tellChange))
  return (
    <>
      {failure !== undefined && <Problem title="The address was not removed." failure={failure} />}
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
    </>
  )
}
