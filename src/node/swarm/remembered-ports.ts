/**
 * Remembers the ports that the system chose, so that the addresses that other peers know stay valid after a restart.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'

/** Ports by type of address, such as `ip4/tcp/ws`. */
export type Ports = Readonly<Record<string, number>>

const ADDRESS = /^\/(ip[46])\/([^/]+)\/(tcp|udp)\/(\d+)(\/ws|\/webrtc-direct)?(?=\/|$)/

/** Empty if the file is missing or damaged; other peers then have to search for this one. */
export async function readPorts(path: string): Promise<Ports> {
  try {
    const ports: unknown = JSON.parse(await readFile(path, 'utf8'))
    const entries = Object.entries(ports as object).filter(([, port]) => Number.isInteger(port))
    return Object.fromEntries(entries)
  } catch {
    return {}
  }
}

export async function writePorts(path: string, ports: Ports): Promise<void> {
  const draft = `${path}.new`
  await writeFile(draft, JSON.stringify(ports), { mode: 0o600 })
  await rename(draft, path)
}

/** @param addresses - multiaddrs that the peer listens on */
export function portsOf(addresses: readonly string[]): Ports {
  const ports: Record<string, number> = {}
  for (const address of addresses) {
    const match = ADDRESS.exec(address)
    if (match) ports[kindOf(match)] ??= Number(match[4])
  }
  return ports
}

/** Replaces port 0 with the port that is remembered for that type of address, if any. */
export const withPorts = (addresses: readonly string[], ports: Ports): string[] =>
  addresses.map((address) => {
    const match = ADDRESS.exec(address)
    const port = match?.[4] === '0' && ports[kindOf(match)]
    return port ? address.replace(/(\/(?:tcp|udp)\/)0/, `$1${port}`) : address
  })

const kindOf = ([, family, , protocol, , over = '']: RegExpExecArray): string =>
  `${family}/${protocol}${over}`
