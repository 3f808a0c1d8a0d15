/** Pulls what is attached to an image: signatures, SBOMs and attestations, each as a transfer of its own. */
import { parseDigest } from '../../../core/oci/digest.ts'
import { announce } from '../parts/announcement.tsx'
import { pullManifest } from '../requests/distribution.ts'
import { client } from '../requests/request.ts'
import { referenceText } from '../route.ts'
import { pullImage } from '../transfers/pull/pull-image.ts'

/** Of an index, what is attached to its images comes too, of so many. */
const MAX_IMAGES = 20

export async function pullAttached(name: string, reference: string): Promise<void> {
  try {
    const { digest, manifests } = await pullManifest(name, reference)
    const subjects = [digest, ...manifests.slice(0, MAX_IMAGES).map((child) => child.digest)]
    for (const subject of subjects.flatMap((text) => parseDigest(text) ?? []))
      for (const referrer of await client.referrers(name, subject))
        pullImage({ name, reference: referrer.digest, keep: false })
  } catch {
    // What keeps the image away keeps these away too, and its transfer says what that is.
    announce(`Signatures and SBOMs of ${referenceText(name, reference)} could not be asked for`)
  }
}
