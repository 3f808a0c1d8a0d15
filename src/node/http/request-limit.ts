/** Bounds how many requests of peers are answered at the same time. All clients behind a proxy count as one. */
import { RegistryError } from '../../core/oci/error.ts'
import { MAX_REQUESTS, MAX_REQUESTS_PER_PEER } from '../../core/swarm/protocol/limits.ts'

export interface RequestLimit {
  /** Counts one more, until the function that it returns is called. @throws RegistryError TOOMANYREQUESTS */
  begin(requester: string): () => void
}

export function createRequestLimit(): RequestLimit {
  const counts = new Map<string, number>()
  let total = 0
  return {
    begin(requester) {
      const count = counts.get(requester) ?? 0
      if (total >= MAX_REQUESTS || count >= MAX_REQUESTS_PER_PEER) throw new RegistryError('TOOMANYREQUESTS')
      total++
      counts.set(requester, count + 1)
      return () => {
        total--
        const rest = counts.get(requester)! - 1
        if (rest > 0) counts.set(requester, rest)
        else counts.delete(requester)
      }
    },
  }
}
