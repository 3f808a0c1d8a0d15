/** Reads a question out of a request, within bounds of size and time, as whoever sends it may be hostile. */
import type { Bytes } from '../../core/blobs/ports.ts'
import { untilAborted } from '../../core/blobs/until-aborted.ts'
import { RegistryError } from '../../core/oci/error.ts'
import type { RegistryRequest } from '../../core/registry/http.ts'

/** Bytes of a question. */
export const MOST_QUESTION = 64 * 1024

/** Milliseconds within which it must be here. */
const TIMEOUT = 10_000

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
  const timeout = AbortSignal.timeout(TIMEOUT)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let size = 0
  let text = ''
  try {
    for await (const chunk of untilAborted(body, timeout)) {
      size += chunk.byteLength
      if (size > MOST_QUESTION) throw refused(413, `a question has at most ${MOST_QUESTION} bytes`)
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
