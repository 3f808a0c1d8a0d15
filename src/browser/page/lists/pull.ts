/** Pulls a tag of a list under that tag: the whole image, or one platform of it. */
import { request } from '../requests/request.ts'
import { pullImage } from '../transfers/pull/start-pull.ts'

export interface Pullable {
  readonly repository: string
  readonly tag: string
  readonly digest: string
  /** Whether the peer's tags are trusted. */
  readonly isTrusted: boolean
}

/** @param platform - the digest of the only image of an index to pull */
export async function pullTag(
  { repository, tag, digest, isTrusted }: Pullable,
  platform?: string,
): Promise<void> {
  // An explicit pull overrides an earlier deletion.
  for (const reference of [tag, digest])
    await request(`/flotilla/deletions/${repository}/${reference}`, { method: 'DELETE' })
  const reference = isTrusted ? tag : digest
  if (platform === undefined) return pullImage({ name: repository, reference, keep: true })
  // Stores the index and its tag. If this fails, the transfer fails too and reports it.
  await request(`/v2/${repository}/manifests/${reference}`).catch(() => {})
  pullImage({ name: repository, reference: platform, keep: true })
}
