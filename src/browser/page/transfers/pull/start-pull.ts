/** Starts pulls. */

import { parseDigest } from '../../../../core/oci/digest.ts'
import { announce } from '../../components/announcement.tsx'
import { previewManifest } from '../../requests/distribution.ts'
import { client } from '../../requests/request.ts'
import { referenceText } from '../../route.ts'
import { startTransfer } from '../start-transfer.ts'
import type { PullTask } from '../tasks.ts'

export const pullImage = (task: PullTask): void =>
  startTransfer('pull', referenceText(task.name, task.reference), task)

/** Images of an index whose referrers are pulled. */
const MAX_IMAGES = 20

export async function pullAttached(name: string, reference: string): Promise<void> {
  try {
    const { digest, manifests } = await previewManifest(name, reference)
    const subjects = [digest, ...manifests.slice(0, MAX_IMAGES).map((child) => child.digest)]
    for (const subject of subjects.flatMap((text) => parseDigest(text) ?? []))
      for (const referrer of await client.referrers(name, subject))
        pullImage({ name, reference: referrer.digest, keep: false })
  } catch {
    // The image's transfer fails for the same reason and reports it.
    announce(`Signatures and SBOMs of ${referenceText(name, reference)} could not be asked for`)
  }
}
