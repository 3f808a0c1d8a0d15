/** Where the layers of an image are: stored here, for other repositories only, or at peers. */

import { sizeText } from '../components/text.ts'
import { readBlob, type StoredBlob } from '../requests/admin.ts'
import { useQuery } from '../requests/use-query.ts'

/** By digest; `null` for blobs that are not stored here. */
export type StoredBlobs = ReadonlyMap<string, StoredBlob | null>

const MAX_PARALLEL = 6

export const useStoredBlobs = (digests: readonly string[]): StoredBlobs =>
  useQuery(digests.join(), (signal) => readStoredBlobs(digests, signal)).value ?? new Map()

async function readStoredBlobs(digests: readonly string[], signal: AbortSignal): Promise<StoredBlobs> {
  const origins = new Map<string, StoredBlob | null>()
  const waiting = new Set(digests).values()
  const readNext = async () => {
    for (const digest of waiting) {
      try {
        origins.set(digest, (await readBlob(digest, { signal })) ?? null)
      } catch {} // its location stays unknown
    }
  }
  await Promise.all(Array.from({ length: MAX_PARALLEL }, readNext))
  return origins
}

export type LayerLocation =
  /** Stored for this repository. */
  | { readonly is: 'here'; readonly blob: StoredBlob }
  /** Stored for other repositories only: this repository serves it after it has been pulled for it. */
  | { readonly is: 'other'; readonly repositories: readonly string[] }
  | { readonly is: 'away' }

/** `undefined` until it is known. */
export function locationOf(
  origins: StoredBlobs,
  repository: string,
  digest: string,
): LayerLocation | undefined {
  const blob = origins.get(digest)
  if (blob === undefined) return undefined
  if (blob === null) return { is: 'away' }
  const { repositories } = blob
  return repositories.includes(repository) ? { is: 'here', blob } : { is: 'other', repositories }
}

interface LocationProps {
  /** `undefined` until it is known. */
  readonly where: LayerLocation | undefined
  /** Ids of the peers that sent the manifest just now, and so have the image. */
  readonly providers: readonly string[]
}

export function LocationText({ where, providers }: LocationProps) {
  if (where === undefined) return null
  if (where.is === 'here') return <Here blob={where.blob} />
  if (where.is === 'other')
    return (
      <span
        class="warn"
        title={`Stored here for ${where.repositories.join(', ')}; a pull brings it for this repository`}
      >
        stored here, but for other repositories only
      </span>
    )
  const [provider] = providers
  return provider === undefined ? (
    <span class="warn unbroken" title="When the image is pulled, all connected peers are asked for it">
      not stored here
    </span>
  ) : (
    <span class="warn" title={`At ${providers.join(', ')}`}>
      at peer <PeerId id={provider} />, not stored here
    </span>
  )
}

const Here = ({ blob: { source, origins } }: { blob: StoredBlob }) => {
  if (source === 'pushed')
    return (
      <span class="unbroken" title="Pushed or imported here">
        stored here
      </span>
    )
  return (
    <>
      <span>
        stored here, from {origins.length === 0 ? 'peers' : origins.length === 1 ? 'peer ' : 'peers '}
      </span>
      {origins.map(({ peer, bytes }, index) => (
        <span key={peer} title={`${sizeText(bytes)} from ${peer}`}>
          {index > 0 && ', '}
          <PeerId id={peer} />
        </span>
      ))}
    </>
  )
}

/** The end of a peer id, because all ids start alike. */
const PeerId = ({ id }: { id: string }) => <code class="digest unbroken">…{id.slice(-6)}</code>

/** Whether a layer is a tar archive and has files: artifacts may have blobs of any type. */
export const isTar = (mediaType: string): boolean => /\btar\b/.test(mediaType)
