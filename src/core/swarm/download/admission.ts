/**
 * Which sizes of a blob are believed before its bytes are here: those that the manifests here state; if the catalog knows
 * its leaves because only its file is lost, their size; and otherwise any size up to a limit. A peer that offers another
 * size isn't asked for the blob. It isn't blamed either, since the manifest may be the one that is wrong.
 */
import type { Config } from '../../config.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Store } from '../../store/store.ts'
import { type Claim, MAX_BLOB_BYTES, recordedClaim } from './claim.ts'

export interface AdmissionDeps {
  readonly store: Pick<Store, 'catalog' | 'statedSizes'>
  readonly settings: Pick<Config['swarm'], 'largest'>
  /** Those that want the blob. More may be added. */
  readonly repositories: ReadonlySet<string>
}

export interface Admission {
  admits(size: number): Promise<boolean>
  /** Something here, and not only a peer, says that the blob exists and, if `size` is given, that it has so many bytes. */
  isVouched(size?: number): Promise<boolean>
  /** What the catalog knows of its leaves. */
  recorded(): Promise<Claim | undefined>
}

export function createAdmission(digest: Digest, deps: AdmissionDeps): Admission {
  const { store, settings, repositories } = deps
  const recorded = () => recordedClaim(store.catalog, digest)

  /** Manifests that contradict each other are all believed, so none of them keeps the blob of another away. */
  async function statedSizes(): Promise<readonly number[]> {
    const claim = await recorded()
    return claim ? [claim.size] : store.statedSizes(digest, repositories)
  }

  return {
    recorded,
    async admits(size) {
      const stated = await statedSizes()
      return size <= MAX_BLOB_BYTES && (stated.length > 0 ? stated.includes(size) : size <= settings.largest)
    },
    async isVouched(size) {
      const stated = await statedSizes()
      return size === undefined ? stated.length > 0 : stated.includes(size)
    },
  }
}
