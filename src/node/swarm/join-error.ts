/** Log fields that say why the swarm could not be joined: for a configuration problem, what to change, without a stack. */
import { ConfigurationError } from '../config/error.ts'

type Fields = Readonly<Record<string, unknown>>

export function joinErrorFields(error: unknown): Fields {
  if (error instanceof ConfigurationError) return { problems: error.problems }
  return addressesRefused(error) ?? { err: error }
}

/** libp2p's message about addresses that it can't listen on contains stacks. */
function addressesRefused(error: unknown): Fields | undefined {
  if (!(error instanceof Error) || error.name !== 'UnsupportedListenAddressesError') return undefined
  const found = error.message.matchAll(/^\s*(\/\S+): (?:\w*Error: )?(.+)$/gm)
  return { problems: Array.from(found, ([, address, reason]) => `swarm.listen: ${address}: ${reason}`) }
}
