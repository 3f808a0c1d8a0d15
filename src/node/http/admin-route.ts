/**
 * The owner's API on this machine: only for programs on it that can read the token in the data folder, and for no web
 * page. Neither is enough alone: a proxy stands on this machine too, and a token may be lost.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdminApi } from '../../core/admin/admin.ts'
import type { Config } from '../../core/config.ts'
import { failureResponse } from '../../core/http/failure.ts'
import { inert } from '../../core/http/inert.ts'
import type { RegistryResponse } from '../../core/http/message.ts'
import { createOrigins } from '../../core/http/origins.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { createBearerCheck } from './bearer.ts'
import { isLocal } from './is-local.ts'
import { NodeRequest } from './request.ts'
import { breakOff, send } from './send.ts'
import type { OtherRoute } from './server.ts'

/** A part of the owner's API. */
export interface OwnerPart {
  /** By path and query. */
  has(target: string): boolean
  readonly answer: AdminApi
}

export interface AdminRouteDeps {
  readonly parts: readonly OwnerPart[]
  /** Without one, as in memory, nobody is answered: there is no place for it that only the owner can read. */
  readonly token: string | undefined
  readonly config: Pick<Config, 'http'>
  readonly log: Log
}

export function createAdminRoute({ parts, token, config, log }: AdminRouteDeps): OtherRoute {
  const origins = createOrigins(config.http)
  const isTokenIn = token === undefined ? () => false : createBearerCheck(token)

  function requireOwner(incoming: IncomingMessage): void {
    if (!isLocal(incoming)) throw new RegistryError('DENIED', 'only for programs on this machine')
    if (isTokenIn(incoming.headers.authorization)) return
    if (token === undefined) throw new RegistryError('DENIED', 'a registry in memory cannot be asked this')
    throw new RegistryError(
      'UNAUTHORIZED',
      'only for the owner: the token is in owner.json of the data folder',
      {
        headers: { 'WWW-Authenticate': 'Bearer realm="owner"' },
      },
    )
  }

  async function answer({ answer }: OwnerPart, incoming: IncomingMessage, outgoing: ServerResponse) {
    try {
      const request = new NodeRequest(incoming, outgoing, origins)
      const attempt = async (): Promise<RegistryResponse> => {
        requireOwner(incoming)
        return (await answer(request))!
      }
      const answered = await attempt().catch((error) => {
        // That it is in no swarm, or not yet, is no failure of this registry.
        const isTold = error instanceof RegistryError
        return failureResponse(error, request, isTold ? { ...log, error: log.debug } : log)
      })
      await send(outgoing, inert(answered))
    } catch (error) {
      breakOff(outgoing, error, log)
    }
  }

  return (incoming, outgoing) => {
    const part = parts.find(({ has }) => has(incoming.url!))
    if (part) void answer(part, incoming, outgoing)
    return part !== undefined
  }
}
