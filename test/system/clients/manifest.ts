/** Asks the registry itself, beside the clients, what it holds. */

import { MANIFEST_TYPES } from '../../../src/core/oci/media-type.ts'

export interface ManifestHead {
  readonly mediaType: string | null
  readonly digest: string | null
  readonly size: number
}

/** What the registry says of a tag or digest; fails when it does not serve it. */
export const headManifest = async (
  url: string,
  repository: string,
  reference: string,
): Promise<ManifestHead> => {
  const path = `/v2/${repository}/manifests/${reference}`
  const response = await fetch(url + path, { method: 'HEAD', headers: { accept: MANIFEST_TYPES.join(', ') } })
  if (!response.ok) throw new Error(`HEAD ${path} gave ${response.status}`)
  const { headers } = response
  return {
    mediaType: headers.get('content-type'),
    digest: headers.get('docker-content-digest'),
    size: Number(headers.get('content-length')),
  }
}
