/** Pushes an image of this browser to another registry: only what is missing there, and the digest stays the same. */
import { copyImage } from '../../../core/client/copy-image.ts'
import { client } from '../requests/request.ts'
import { createParts } from '../transfers/parts.ts'
import type { Work } from '../transfers/transfer.ts'
import { clientOf } from './target-client.ts'

/** Bytes of one request: what is in memory, what a break costs, and a step of the progress. */
const CHUNK = 8 * 1024 * 1024

export const pushWork: Work<'push'> = {
  async run({ task, progress, remarks }, signal) {
    const { name, reference, target, repository, tag, referrers, unfinished: left } = task.peek()
    const parts = createParts(progress)
    const unfinished = new Map(left)
    const digest = await copyImage(
      { client, repository: name, reference },
      { client: clientOf(target), repository, tag },
      { referrers, chunk: CHUNK, unfinished, signal, onBlobs: parts.expect, onProgress: parts.update },
    ).finally(() => {
      task.value = { ...task.peek(), unfinished: [...unfinished] }
    })
    parts.finish()
    const there = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`
    remarks.value = [`On ${target.host} it is ${there}`]
    return [{ name, reference }]
  },
  needs: async () => 'nothing',
  async undo({ task }) {
    const { target, unfinished } = task.peek()
    await clientOf(target).dropUploads(new Map(unfinished))
  },
}
