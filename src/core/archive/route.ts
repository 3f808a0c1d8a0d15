/**
 * `GET /flotilla/archive/<name>/<reference>?format=docker|oci&platform=`: an image as a file to download. It streams, so
 * a link is all that a page needs.
 */
import type { ApiHandlers } from '../api/api.ts'
import { createClient } from '../client/client.ts'
import type { Fetch } from '../client/transport.ts'
import type { RegistryRequest, RegistryResponse } from '../http/message.ts'
import { RegistryError } from '../oci/error.ts'
import { requireName, requireReference } from '../oci/name.ts'
import { type ArchiveFormat, exportImage } from './export/export-image.ts'
import type { CreateHash } from './export/verified.ts'

export interface ArchiveRouteOptions {
  /** Verifies the blobs while they are sent. Default: only their sizes are checked. */
  readonly createHash?: CreateHash | undefined
}

/** Never resolved: the registry that it stands for is in the same process. */
const HERE = 'http://registry.invalid'

/** @param fetch - the registry in this process */
export function createArchiveRoute(
  fetch: Fetch,
  { createHash }: ArchiveRouteOptions = {},
): Pick<ApiHandlers, 'archive'> {
  const client = createClient({ fetch, base: HERE })

  async function getArchive(
    { target, signal }: RegistryRequest,
    parameters: Readonly<Record<string, string>>,
  ): Promise<RegistryResponse> {
    const reference = parameters['reference']!
    requireReference(reference)
    const options = { ...optionsIn(target), createHash, signal }
    const name = requireName(parameters['name']!)
    const { size, fileName, stream } = await exportImage(client, name, reference, options)
    return {
      status: 200,
      headers: {
        'Content-Type': 'application/x-tar',
        'Content-Length': String(size),
        'Content-Disposition': `attachment; filename="${fileName}"`,
      },
      body: [{ content: { size, stream: () => stream() }, range: undefined }],
    }
  }

  return { archive: { GET: getArchive } }
}

/** @throws RegistryError UNSUPPORTED for another format */
function optionsIn(target: string): { format: ArchiveFormat; platform: string | undefined } {
  const query = new URL(target, HERE).searchParams
  const format = query.get('format') ?? 'docker'
  if (format !== 'docker' && format !== 'oci') {
    throw new RegistryError('UNSUPPORTED', 'unknown format; use docker or oci', { status: 400 })
  }
  return { format, platform: query.get('platform') ?? undefined }
}
