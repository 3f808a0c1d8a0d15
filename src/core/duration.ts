/**
 * Durations in Go's syntax, which Distribution's configuration files use. Libraries accept other units and spellings, too,
 * and so files that Distribution refuses.
 *
 * @see https://pkg.go.dev/time#ParseDuration
 */
const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g
const DURATION = new RegExp(`^[+-]?(0|(${PART.source})+)$`)

/** `'1m30s'` → 90000 milliseconds; `undefined` if it isn't a duration. Only zero may have no unit. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(PART)) total += Number(count) * MILLISECONDS[unit!]!
  return text.startsWith('-') ? -total : total
}
