/** Why the swarm could not be joined, as it stands in the log: what the owner can change, without a stack. */
import { ConfigurationError } from '../config/error.ts'

type Fields = Readonly<Record<string, unknown>>

export function whyAlone(error: unknown): Fields {
  if (error instanceof ConfigurationError) return { problems: error.problems }
  return addressesRefused(error) ?? { err: error }
}

/** What libp2p says of addresses that it cannot listen on has stacks in the midst of it. */
function addressesRefused(error: unknown): Fields | undefined {
  if (!(error instanceof Error) || error.name !== 'UnsupportedListenAddressesError') return undefined
  const found = error.message.matchAll(/^\s*(\/\S+): (?:\w*Error: )?(.+)$/gm)
  return { problems: Array.from(found, ([, address, reason]) => `swarm.listen: ${address}: ${reason}`) }
}
