/** Pulls tags that a list shows: all of each image, or one platform of it, under its tag. */
import { ask } from '../requests/request.ts'
import { pullImage } from '../transfers/pull/pull-image.ts'

export interface Pullable {
  readonly repository: string
  readonly tag: string
  readonly digest: string
  /** Whether the peer's tags are taken. */
  readonly isTrusted: boolean
}

/** @param platform - of an index: the digest of the one image that is wanted */
export async function pullTag(
  { repository, tag, digest, isTrusted }: Pullable,
  platform?: string,
): Promise<void> {
  // Who pulls what they once deleted means it.
  for (const reference of [tag, digest])
    await ask(`/flotilla/deletions/${repository}/${reference}`, { method: 'DELETE' })
  const reference = isTrusted ? tag : digest
  if (platform === undefined) return pullImage({ name: repository, reference, keep: true })
  // Brings the index, and the tag with it. What fails here fails in the transfer too, which says so.
  await ask(`/v2/${repository}/manifests/${reference}`).catch(() => {})
  pullImage({ name: repository, reference: platform, keep: true })
}
