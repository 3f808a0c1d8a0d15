/** Options that name a registry. */
import { InvalidArgumentError } from 'commander'

/** Reads an option with the URL of a registry. */
export function registryUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new InvalidArgumentError('It is not a URL such as http://127.0.0.1:5000.')
}

/** Reads an option with the address of a registry on this machine: `host:port`, or `:port`. */
export function hostAndPort(text: string): string {
  if (/^[^/@?#\s]*:\d{1,5}$/.test(text) && URL.canParse(`http://${text.replace(/^:/, 'localhost:')}`))
    return text
  throw new InvalidArgumentError('It is not host:port, such as 127.0.0.1:5000.')
}
