/** Starts the pull of an image. What does the work is loaded with the first one. */
import { referenceText } from '../../route.ts'
import { startTransfer } from '../start-transfer.ts'
import type { PullTask } from './pull-task.ts'

export const pullImage = (task: PullTask): void =>
  startTransfer('pull', referenceText(task.name, task.reference), task)
