/** `GET /flotilla/peers`, the part of the owner's API that tells who this peer is connected to. */
import type { SwarmStatus } from '../../core/libp2p/status.ts'
import { RegistryError } from '../../core/oci/error.ts'
import type { RegistryResponse } from '../../core/registry/http.ts'
import { jsonResponse } from '../../core/registry/http.ts'
import type { OwnerPart } from '../http/owner-route.ts'

const PATH = '/flotilla/peers'

/** @param status - `undefined` where this registry is in no swarm; may wait until it has joined */
export const createStatusRoute = (status: () => Promise<SwarmStatus | undefined>): OwnerPart => ({
  has: (target) => target === PATH,
  async answer({ method }): Promise<RegistryResponse> {
    if (method !== 'GET' && method !== 'HEAD')
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'GET, HEAD' } })
    const found = await status()
    if (!found) throw new RegistryError('UNAVAILABLE', 'this registry is in no swarm')
    return jsonResponse(200, found, { 'Cache-Control': 'no-store' })
  },
})
