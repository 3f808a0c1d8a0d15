/**
 * How many connections others may open: fewer than there may be, so that places are left for those that this peer dials,
 * and few enough from one host that it cannot take them all, under however many identities.
 */
import type { MultiaddrConnection } from '@libp2p/interface'
import { hostOf, isLoopback } from './multiaddrs.ts'

/** Of `MAX_CONNECTIONS`; peers that are named, found nearby or proved useful are dialled and need none of these. */
const MAX_INBOUND = 200

/** From one host, those included that have not said yet who they are. Loopback has no such share: many peers live there. */
const MAX_OF_HOST = 48

export interface Admission {
  /** Counts the connection until it closes, unless there are too many. */
  admit(connection: Pick<MultiaddrConnection, 'remoteAddr' | 'addEventListener'>): boolean
}

export function createAdmission(): Admission {
  const hosts = new Map<string, number>()
  let total = 0

  function change(host: string, by: number): void {
    total += by
    const count = (hosts.get(host) ?? 0) + by
    if (count > 0) hosts.set(host, count)
    else hosts.delete(host)
  }

  return {
    admit(connection) {
      const address = connection.remoteAddr.toString()
      const host = hostOf(address) ?? ''
      const isCrowded = !isLoopback(address) && (hosts.get(host) ?? 0) >= MAX_OF_HOST
      if (isCrowded || total >= MAX_INBOUND) return false
      change(host, 1)
      connection.addEventListener('close', () => change(host, -1), { once: true })
      return true
    },
  }
}
