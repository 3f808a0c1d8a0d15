/** Options that name a registry, and their default. */
import { InvalidArgumentError } from 'commander'

/** Where `flotilla serve` listens by default. */
export const DEFAULT_ADDRESS = '127.0.0.1:5000'

export const DEFAULT_URL = `http://${DEFAULT_ADDRESS}`

/** Parses the URL of a registry. */
export function registryUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new InvalidArgumentError(`It is not a URL such as ${DEFAULT_URL}.`)
}

/** Parses the address of a registry on this machine: `host:port` or `:port`. */
export function hostAndPort(text: string): string {
  if (/^[^/@?#\s]*:\d{1,5}$/.test(text) && URL.canParse(`http://${text.replace(/^:/, 'localhost:')}`))
    return text
  throw new InvalidArgumentError(`It is not host:port, such as ${DEFAULT_ADDRESS}.`)
}
