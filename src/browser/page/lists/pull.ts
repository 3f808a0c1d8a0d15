/** Pulls tags that a list shows: all of each image, or one platform of it, under its tag. */
import { ask } from '../requests/request.ts'
import { pullImage } from '../transfers/pull/pull-image.ts'

export interface Pullable {
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

/** @param platform - of an index: the digest of the one image that is wanted */
export async function pullTag({ repository, tag, digest }: Pullable, platform?: string): Promise<void> {
  // Who pulls what they once deleted means it.
  for (const reference of [tag, digest])
    await ask(`/flotilla/deletions/${repository}/${reference}`, { method: 'DELETE' })
  if (platform === undefined) return pullImage({ name: repository, reference: tag, keep: true })
  await ask(`/v2/${repository}/manifests/${tag}`) // brings the index, and the tag with it
  pullImage({ name: repository, reference: platform, keep: true })
}
