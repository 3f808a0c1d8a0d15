/** What a control does takes time and may fail: it says so beside the control, and not to the console. */
import { useState } from 'preact/hooks'

export interface Attempts {
  /** Of the last one; `undefined` where that went well. */
  readonly failure: unknown
  attempt(work: () => Promise<unknown>): Promise<void>
}

export function useAttempt(): Attempts {
  const [failure, setFailure] = useState<unknown>()
  const attempt = (work: () => Promise<unknown>) => work().then(() => setFailure(undefined), setFailure)
  return { failure, attempt }
}
