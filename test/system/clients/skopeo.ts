/** skopeo copies between layouts on disk and a registry. */

import { join } from 'node:path'
import { digestsIn, type StoredImage } from '../../fixtures/stored-image.ts'
import { run } from '../../support/command.ts'
import type { ClientHome } from './client-home.ts'

export interface Skopeo {
  /** Between any two transports, with all platforms of an index. */
  copy(source: string, destination: string, ...options: string[]): Promise<void>
  /** Without changing a byte. */
  push(image: StoredImage, reference: string): Promise<void>
  /** Without changing a byte, into a new folder. */
  pull(reference: string, transport: StoredImage['transport']): Promise<Pulled>
}

export interface Pulled {
  readonly folder: string
  /** Computed from all that arrived, sorted. */
  readonly digests: readonly string[]
}

export const createSkopeo = (home: ClientHome): Skopeo => {
  let pulls = 0
  const copy = async (source: string, destination: string, ...options: string[]) => {
    const plainHttp = ['--src-tls-verify=false', '--dest-tls-verify=false']
    await run(
      'skopeo',
      ['copy', '-q', '--all', ...plainHttp, ...options, source, destination],
      home.environment,
    )
  }
  return {
    copy,
    push: (image, reference) => copy(locationOf(image), `docker://${reference}`, '--preserve-digests'),
    async pull(reference, transport) {
      const folder = join(home.path, `pull-${++pulls}`)
      const destination = locationOf({ transport, folder, tag: 'pulled' })
      await copy(`docker://${reference}`, destination, '--preserve-digests')
      const digests = await digestsIn(transport === 'dir' ? folder : join(folder, 'blobs', 'sha256'))
      return { folder, digests }
    },
  }
}

/** Where the image lies, in skopeo's words. */
export const locationOf = ({
  transport,
  folder,
  tag,
}: Pick<StoredImage, 'transport' | 'folder' | 'tag'>): string =>
  transport === 'dir' ? `dir:${folder}` : `oci:${folder}:${tag}`
