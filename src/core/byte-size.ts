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

/** `'1.5GiB'` → 1610612736 bytes; `undefined` for what is no size. */
export function parseByteSize(text: string): number | undefined {
  const [, number, unit = 'B'] = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-zA-Z]{1,3})?$/.exec(text) ?? []
  const factor = UNITS[unit]
  const bytes = number !== undefined && factor !== undefined ? Math.floor(Number(number) * factor) : undefined
  return bytes !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined
}
