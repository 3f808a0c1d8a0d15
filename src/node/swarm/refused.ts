/** What libp2p says of addresses that it cannot listen on, without the stacks that stand in the midst of it. */

type Refused = {
  /** Each with its reason. */
  readonly addresses: readonly string[]
  /** What names others. */
  readonly setting: string
}

/** `undefined` for any other error. */
export function addressesRefused(error: unknown): Refused | undefined {
  if (!(error instanceof Error) || error.name !== 'UnsupportedListenAddressesError') return undefined
  const found = error.message.matchAll(/^\s*(\/\S+): (?:\w*Error: )?(.+)$/gm)
  return {
    addresses: Array.from(found, ([, address, reason]) => `${address}: ${reason}`),
    setting: 'swarm.listen',
  }
}
