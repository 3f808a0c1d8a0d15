/** Pulls a blob as a client does that trusts nobody, and says what came of it. */

import { digestOf } from '../../support/digest.ts'

/** Milliseconds. */
const PATIENCE = 120_000

export type Pull =
  /** All of it, with the digest asked for. */
  | { readonly outcome: 'right'; readonly headers: Headers }
  /** All that was promised, and something else: what must never be. */
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'broken off' }
  | { readonly outcome: 'refused'; readonly status: number }

/** @throws Error where nothing comes of it in two minutes */
export async function pull(url: string, repository: string, digest: string): Promise<Pull> {
  const signal = AbortSignal.timeout(PATIENCE)
  const pulled = await attempt(`${url}/v2/${repository}/blobs/${digest}`, digest, signal)
  if (signal.aborted) throw new Error(`the pull of ${digest} from ${url} does not end`)
  return pulled
}

async function attempt(url: string, digest: string, signal: AbortSignal): Promise<Pull> {
  const response = await fetch(url, { signal }).catch(() => undefined)
  if (!response) return { outcome: 'broken off' } // before its head had left
  if (!response.ok) {
    await response.body?.cancel()
    return { outcome: 'refused', status: response.status }
  }
  try {
    const bytes = new Uint8Array(await response.arrayBuffer())
    return digestOf(bytes) === digest ? { outcome: 'right', headers: response.headers } : { outcome: 'wrong' }
  } catch {
    return { outcome: 'broken off' }
  }
}
