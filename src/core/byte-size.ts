/** Sizes as people write them: bytes, or a number with a unit. `kB` is 1000 bytes, `KiB` 1024 (IEC 80000-13). */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/** `'1.5GiB'` → 1610612736 bytes; `undefined` if it isn't a size. */
export function parseByteSize(text: string): number | undefined {
  const [, number, unit = 'B'] = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-zA-Z]{1,3})?$/.exec(text) ?? []
  const factor = UNITS[unit]
  const bytes = number !== undefined && factor !== undefined ? Math.floor(Number(number) * factor) : undefined
  return bytes !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `1610612736` → `'1.50 GiB'`: powers of 1024, with at most three digits. */
export function formatByteSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), BINARY_UNITS.length - 1)
  const value = bytes / 1024 ** power
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${BINARY_UNITS[power]}`
}
