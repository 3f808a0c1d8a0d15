/** Pushes an image of this browser to another registry: only what is missing there, with the same digest. */
import { copyImage } from '../../../core/client/copy-image.ts'
import { client } from '../requests/request.ts'
import { createProgressTracker } from '../transfers/progress.ts'
import type { Work } from '../transfers/transfer.ts'
import { targetClient } from './target-client.ts'

/** Bytes per request: they are in memory, are sent again after a failure, and are a step of the progress. */
const CHUNK_BYTES = 8 * 1024 * 1024

export const pushWork: Work<'push'> = {
  async run({ task, progress, remarks }, signal) {
    const { name, reference, target, repository, tag, referrers, unfinished: left } = task.peek()
    const tracker = createProgressTracker(progress)
    const unfinished = new Map(left)
    const digest = await copyImage(
      { client, repository: name, reference },
      { client: targetClient(target), repository, tag },
      {
        referrers,
        chunk: CHUNK_BYTES,
        unfinished,
        signal,
        onBlobs: tracker.expect,
        onProgress: tracker.update,
      },
    ).finally(() => {
      task.value = { ...task.peek(), unfinished: [...unfinished] }
    })
    tracker.finish()
    const there = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`
    remarks.value = [`On ${target.host} it is ${there}`]
    return [{ name, reference }]
  },
  needs: async () => 'nothing',
  async undo({ task }) {
    const { target, unfinished } = task.peek()
    await targetClient(target).dropUploads(new Map(unfinished))
  },
}
