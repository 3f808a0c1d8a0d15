/** What the catalog itself knows of a blob whose file is lost: its leaves need not be asked for. */
import type { Catalog } from '../catalog/catalog.ts'
import { rootOf } from '../dag/dag.ts'
import type { Digest } from '../oci/digest.ts'
import type { Claim } from './claims.ts'

/** `undefined` for what is not in the catalog, and where the digest itself is the hash of the only leaf. */
export async function recordedClaim(
  { sharing, leaves: lists }: Pick<Catalog, 'sharing' | 'leaves'>,
  digest: Digest,
): Promise<Claim | undefined> {
  const [facts, leaves] = await Promise.all([sharing.factsOf(digest), lists.get(digest)])
  if (!facts || !leaves) return undefined
  const { size, root } = facts
  return { size, leaves, root: root ?? String(await rootOf(leaves, size)) }
}
