/** Pushes an image of this browser to another registry: only what is missing there, and the digest stays the same. */
import { copyImage } from '../../../core/client/copy-image.ts'
import { client } from '../requests/request.ts'
import { createParts } from '../transfers/parts.ts'
import type { ImageName, Transfer } from '../transfers/transfers-state.ts'
import type { PushTask } from './push-task.ts'
import { clientOf } from './target-client.ts'

/** Bytes of one request: what is in memory, what a break costs, and a step of the progress. */
const CHUNK = 8 * 1024 * 1024

export async function pushImage(
  { name, reference, target, repository, tag, referrers }: PushTask,
  { progress, remarks }: Pick<Transfer, 'progress' | 'remarks'>,
  signal: AbortSignal,
): Promise<readonly ImageName[]> {
  const parts = createParts(progress)
  const digest = await copyImage(
    { client, repository: name, reference },
    { client: clientOf(target), repository, tag },
    { referrers, chunk: CHUNK, signal, onBlobs: parts.expect, onProgress: parts.update },
  )
  parts.finish()
  remarks.value = [
    `On ${target.host} it is ${tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`}`,
  ]
  return [{ name, reference }]
}
