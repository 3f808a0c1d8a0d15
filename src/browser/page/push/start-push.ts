/** Puts a push into the list of transfers; how it works is loaded with the first one. */
import { referenceText } from '../route.ts'
import { startTransfer } from '../transfers/start-transfer.ts'
import type { PushTask } from './push-task.ts'

export const startPush = (task: PushTask): void => startTransfer('push', titleOf(task), task)

const titleOf = ({ name, reference, target }: PushTask): string =>
  `${referenceText(name, reference)} to ${target.host}`
