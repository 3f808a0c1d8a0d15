/** The pre-shared key of a private swarm: peers without it can't connect, and the traffic is encrypted with it. */
import { readFile } from 'node:fs/promises'
import { preSharedKey } from '@libp2p/pnet'
import { ConfigurationError } from '../config/error.ts'

/**
 * @param path - a file in the format of IPFS's `swarm.key`
 * @throws ConfigurationError
 * @see https://github.com/libp2p/specs/blob/master/pnet/Private-Networks-PSK-V1.md
 */
export async function openSwarmKey(path: string): Promise<ReturnType<typeof preSharedKey>> {
  const psk = await readFile(path).catch((error: Error) => {
    throw new ConfigurationError([`swarm.key: ${error.message}`])
  })
  const protector = preSharedKey({ psk })
  try {
    // The library only parses the key here.
    protector()
  } catch {
    throw new ConfigurationError([
      `swarm.key: ${path} is not a pre-shared key in the format /key/swarm/psk/1.0.0/`,
    ])
  }
  return protector
}
