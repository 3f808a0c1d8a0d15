/** The last step of every request: sends what a handler answers, and aborts the response if that fails. */
import type { ServerResponse } from 'node:http'
import type { Log } from '../../core/log.ts'
import { abortResponse, type SentResponse, send } from './send.ts'

/** Never rejects. @returns whether the response was sent to its end */
export async function respond(
  outgoing: ServerResponse,
  answer: () => Promise<SentResponse>,
  log: Log,
): Promise<boolean> {
  try {
    await send(outgoing, await answer())
    return true
  } catch (error) {
    abortResponse(outgoing, error, log)
    return false
  }
}
