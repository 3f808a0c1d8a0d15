/** Asks the owner's API of a running registry on this machine. */
import { exitWith } from './exit.ts'

export interface OwnerOptions {
  /** `host:port` of the registry, on this machine. */
  readonly addr: string
}

/** A response that tells of success; any other ends the command with the registry's own words. */
export async function askOwner({ addr }: OwnerOptions, method: string, path: string): Promise<Response> {
  const host = addr.startsWith(':') ? `127.0.0.1${addr}` : addr
  const response = await fetch(`http://${host}${path}`, { method }).catch(() =>
    exitWith([`no registry answers on ${host}; --addr names another one`]),
  )
  if (response.ok) return response
  const answer = await response.json().catch(() => undefined)
  return exitWith([`${host}: ${answer?.errors?.[0]?.message ?? 'what answers is no registry of this kind'}`])
}
