/**
 * Which sizes of a blob are believed to begin with. Where manifests that are here name it, those that they state; where
 * the catalog knows its leaves, as its file is lost, that of those; else any up to a bound. Whoever offers another size is
 * not asked for the blob. It is not blamed for it either: the manifest may be the one that is wrong.
 */
import type { Config } from '../../config.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Store } from '../../store/store.ts'
import { type Claim, MAX_BLOB_BYTES, recordedClaim } from './claim.ts'

export interface AdmissionParts {
  readonly store: Pick<Store, 'catalog' | 'statedSizes'>
  readonly settings: Pick<Config['swarm'], 'largest'>
  /** Those that ask for it; may grow. */
  readonly repositories: ReadonlySet<string>
}

export interface Admission {
  admits(size: number): Promise<boolean>
  /** Somebody other than a peer says that it exists, and, where `size` is given, that it has so many bytes. */
  isVouched(size?: number): Promise<boolean>
  /** What the catalog knows of its leaves. */
  recorded(): Promise<Claim | undefined>
}

export function createAdmission(digest: Digest, parts: AdmissionParts): Admission {
  const { store, settings, repositories } = parts
  const recorded = () => recordedClaim(store.catalog, digest)

  /** Two manifests that contradict each other are both given a chance: neither keeps the other's blob away. */
  async function sizes(): Promise<readonly number[]> {
    const known = await recorded()
    return known ? [known.size] : store.statedSizes(digest, repositories)
  }

  return {
    recorded,
    async admits(size) {
      const stated = await sizes()
      return size <= MAX_BLOB_BYTES && (stated.length > 0 ? stated.includes(size) : size <= settings.largest)
    },
    async isVouched(size) {
      const stated = await sizes()
      return size === undefined ? stated.length > 0 : stated.includes(size)
    },
  }
}
