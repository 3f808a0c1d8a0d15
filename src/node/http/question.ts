/** Reads a question out of a request, within bounds of size and time, as whoever sends it may be hostile. */

import { abortable } from '../../core/async/abortable.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { RegistryRequest } from '../../core/http/message.ts'
import { RegistryError } from '../../core/oci/error.ts'
import {
  MAX_REQUEST_BYTES,
  MAX_REQUESTS,
  MAX_REQUESTS_PER_PEER,
  REQUEST_TIMEOUT_MS,
} from '../../core/swarm/protocol/limits.ts'

/**
 * Pages of other origins cannot send this type without asking first (the Fetch standard's CORS protocol).
 *
 * @throws RegistryError as 400, 408, 413 or 415 for what is no JSON, or not within the bounds
 */
export async function readQuestion(request: RegistryRequest): Promise<unknown> {
  const [type] = (request.header('content-type') ?? '').split(';')
  if (type!.trim().toLowerCase() !== 'application/json') throw refused(415, 'a question is application/json')
  const { body } = request
  const text = body ? await textOf(body) : ''
  try {
    return JSON.parse(text)
  } catch {
    throw noQuestion()
  }
}

export const noQuestion = (): RegistryError => refused(400, 'this is no question')

async function textOf(body: Bytes): Promise<string> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let size = 0
  let text = ''
  try {
    for await (const chunk of abortable(body, timeout)) {
      size += chunk.byteLength
      if (size > MAX_REQUEST_BYTES) throw refused(413, `a question has at most ${MAX_REQUEST_BYTES} bytes`)
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (timeout.aborted) throw refused(408, 'the question did not come in time')
    throw error instanceof TypeError ? noQuestion() : error
  }
}

const refused = (status: number, message: string): RegistryError =>
  new RegistryError('UNSUPPORTED', message, { status })

/** Bounds how many are answered at the same time. Behind a proxy, all askers are one. */
export interface QuestionLimit {
  /** One more, until what this gives is called. @throws RegistryError TOOMANYREQUESTS */
  begin(asker: string): () => void
}

export function createQuestionLimit(): QuestionLimit {
  const askers = new Map<string, number>()
  let all = 0
  return {
    begin(asker) {
      const count = askers.get(asker) ?? 0
      if (all >= MAX_REQUESTS || count >= MAX_REQUESTS_PER_PEER) throw new RegistryError('TOOMANYREQUESTS')
      all++
      askers.set(asker, count + 1)
      return () => {
        all--
        const rest = askers.get(asker)! - 1
        if (rest > 0) askers.set(asker, rest)
        else askers.delete(asker)
      }
    },
  }
}
