/**
 * `GET /flotilla/archive/<name>/<reference>?format=docker|oci&platform=`: an image as a file to keep. It streams, so a
 * page needs no more than a link.
 */
import { createClient } from '../client/client.ts'
import type { Fetch } from '../client/transport.ts'
import { failureResponse } from '../http/failure.ts'
import type { RegistryRequest, RegistryResponse } from '../http/message.ts'
import { type Log, silentLog } from '../log.ts'
import { RegistryError } from '../oci/error.ts'
import { requireName, requireReference } from '../oci/name.ts'
import { decodePercent } from '../oci/percent.ts'
import { type ArchiveFormat, openArchive } from './open-archive.ts'
import type { CreateHash } from './verified.ts'

/** `undefined` for a path of others. It never throws; what goes wrong is in the response. */
export type ArchiveRoute = (request: RegistryRequest) => Promise<RegistryResponse | undefined>

export interface ArchiveRouteOptions {
  /** Verifies the blobs while they go out. Default: only their sizes are checked. */
  readonly createHash?: CreateHash | undefined
  readonly log?: Log
}

/** The reference begins at the last slash. */
const PATH = /^\/flotilla\/archive\/(.+)\/([^/]+)$/

/** Nobody is asked by this name: what it stands for is in the same process. */
const HERE = 'http://registry.invalid'

/** @param fetch - the registry in this process */
export function createArchiveRoute(
  fetch: Fetch,
  { createHash, log = silentLog }: ArchiveRouteOptions = {},
): ArchiveRoute {
  const client = createClient({ fetch, base: HERE })

  const answer = async (
    request: RegistryRequest,
    name: string,
    reference: string,
  ): Promise<RegistryResponse> => {
    if (!['GET', 'HEAD'].includes(request.method)) {
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'GET, HEAD' } })
    }
    requireReference(reference)
    const asked = { ...optionsIn(request.target), createHash, signal: request.signal }
    const { size, fileName, stream } = await openArchive(client, requireName(name), reference, asked)
    return {
      status: 200,
      headers: {
        'Content-Type': 'application/x-tar',
        'Content-Length': String(size),
        'Content-Disposition': `attachment; filename="${fileName}"`,
        'Cache-Control': 'no-store',
      },
      body: [{ content: { size, stream: () => stream() }, range: undefined }],
    }
  }

  return async (request) => {
    const [, name, reference] = PATH.exec(request.target.split('?', 1)[0]!) ?? []
    if (name === undefined || reference === undefined) return undefined
    return answer(request, decodePercent(name), decodePercent(reference)).catch((error) =>
      failureResponse(error, request, log),
    )
  }
}

/** @throws RegistryError UNSUPPORTED for another format */
function optionsIn(target: string): { format: ArchiveFormat; platform: string | undefined } {
  const query = new URL(target, HERE).searchParams
  const format = query.get('format') ?? 'docker'
  if (format !== 'docker' && format !== 'oci') {
    throw new RegistryError('UNSUPPORTED', 'format is docker or oci', { status: 400 })
  }
  return { format, platform: query.get('platform') ?? undefined }
}
