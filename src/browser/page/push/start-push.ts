/** Puts a push into the list of transfers; how it works is loaded with the first one. */
import { referenceText } from '../route.ts'
import { startTransfer } from '../transfers/transfers-state.ts'
import type { PushTask } from './push-task.ts'

export const startPush = (task: PushTask): void =>
  startTransfer('push', titleOf(task), async (transfer, signal) => {
    const { pushImage } = await import('./push-work.ts')
    return await pushImage(task, transfer, signal)
  })

const titleOf = ({ name, reference, target }: PushTask): string =>
  `${referenceText(name, reference)} to ${target.host}`
