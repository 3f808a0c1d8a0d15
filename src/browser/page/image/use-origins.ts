/** Where the blobs of an image came from, asked for a few at a time. */
import { type HeldBlob, readBlob } from '../requests/owner.ts'
import { useLoaded } from '../use-loaded.ts'

/** By digest; `null` for what is not held here. */
export type Origins = ReadonlyMap<string, HeldBlob | null>

const PARALLEL = 6

export const useOrigins = (digests: readonly string[]): Origins =>
  useLoaded(digests.join(), (signal) => readOrigins(digests, signal)).value ?? new Map()

async function readOrigins(digests: readonly string[], signal: AbortSignal): Promise<Origins> {
  const origins = new Map<string, HeldBlob | null>()
  const waiting = new Set(digests).values()
  const readNext = async () => {
    for (const digest of waiting) {
      try {
        origins.set(digest, (await readBlob(digest, { signal })) ?? null)
      } catch {} // of this one it stays unknown
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, readNext))
  return origins
}
