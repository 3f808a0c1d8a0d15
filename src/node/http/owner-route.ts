/** The owner's API on this machine: only for programs on it, and for no web page. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { isOwnerPath, type Owner } from '../../core/owner/owner.ts'
import { jsonResponse, type RegistryResponse } from '../../core/registry/http.ts'
import { isLocal } from './local.ts'
import { NodeRequest } from './request.ts'
import { send } from './send.ts'
import type { OtherRoute } from './server.ts'

export const createOwnerRoute =
  (owner: Owner, log: Log): OtherRoute =>
  (request, response) => {
    if (!isOwnerPath(request.url!)) return false
    void answer(owner, log, request, response)
    return true
  }

async function answer(
  owner: Owner,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answered = isLocal(request) ? await owner(new NodeRequest(request, response)) : REFUSAL
    await send(response, answered!)
  } catch (error) {
    if (!response.destroyed) log.error('response broke off', { target: request.url, err: error })
    response.destroy()
  }
}

const REFUSAL: RegistryResponse = jsonResponse(403, {
  errors: [new RegistryError('DENIED', 'only for programs on this machine')],
})
