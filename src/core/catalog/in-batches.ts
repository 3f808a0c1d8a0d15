/** Long lists for the database, a part at a time: a manifest may name tens of thousands, and others are answered between. */

/** Rows that take a few milliseconds. */
const BATCH = 2000

export async function inBatches<T>(
  items: readonly T[],
  work: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH) {
    if (start > 0) await new Promise((resolve) => setTimeout(resolve))
    await work(items.slice(start, start + BATCH))
  }
}
