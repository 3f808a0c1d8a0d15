import { InvalidArgumentError } from 'commander'

/** Reads an option that names a registry. */
export function registryUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new InvalidArgumentError('It is not a URL such as http://127.0.0.1:5000.')
}
