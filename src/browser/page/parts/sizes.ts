/** Sizes in the units of the field: powers of 1024, three digits at most. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function sizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1)
  const value = bytes / 1024 ** power
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${UNITS[power]}`
}

/** `20 GiB`, `1.5g`, `500 MB`; the letter is what counts, and a number alone means GiB. `undefined` if it is none. */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = /^\s*(\d+(?:[.,]\d+)?)\s*([kmgt]?)i?b?\s*$/i.exec(text) ?? []
  if (number === undefined) return undefined
  const power = unit ? ' kmgt'.indexOf(unit.toLowerCase()) : 3
  return Math.round(Number(number.replace(',', '.')) * 1024 ** power)
}
