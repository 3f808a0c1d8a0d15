/** One blob pushed as Docker does: one PATCH in chunked transfer coding, 32 KiB a chunk. */
import { chunkedPush } from '../client/registry.ts'
import { pushFigures, readyPush } from '../measure.ts'
import type { Scenario } from '../scenario.ts'

export const pushChunked: Scenario = {
  name: 'push-chunked',
  title: 'Push 1 GiB by chunked transfer coding (32 KiB)',
  figures: pushFigures(2),
  lasts: 'round',
  ready: (stage) => readyPush(stage, chunkedPush),
}
