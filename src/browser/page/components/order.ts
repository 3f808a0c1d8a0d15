/** How lists are searched and sorted: names in natural order, previews before their version, missing values last. */

export type By = 'name' | 'size' | 'date' | 'used'

export interface Order {
  readonly by: By
  readonly isDescending: boolean
}

export interface Ordered {
  readonly name: string
  readonly size: number | undefined
  /** Milliseconds since 1970. */
  readonly date: number | undefined
  /** Milliseconds since 1970. */
  readonly used: number | undefined
}

const natural = new Intl.Collator('en', { numeric: true })

/** A pre-release version. */
const PREVIEW = /^(?<version>.*\d)[-.~]?(?<preview>(?:alpha|beta|dev|pre|rc|snapshot).*)$/i

interface Version {
  readonly version: string
  readonly preview: string
}

function versionOf(text: string): Version {
  const { version = text, preview = '' } = PREVIEW.exec(text)?.groups ?? {}
  return { version, preview }
}

const compare = (one: Version, other: Version): number =>
  natural.compare(one.version, other.version) ||
  Number(one.preview === '') - Number(other.preview === '') ||
  natural.compare(one.preview, other.preview)

/** `1.9`, `1.10-rc.1`, `1.10`. */
export const compareVersions = (one: string, other: string): number =>
  compare(versionOf(one), versionOf(other))

export function sortedBy<T extends Ordered>(rows: readonly T[], { by, isDescending }: Order): readonly T[] {
  const sign = isDescending ? -1 : 1
  // Each name is parsed once, not in each comparison.
  const keyed = rows.map((row) => ({ row, version: versionOf(row.name), value: by === 'name' ? 0 : row[by] }))
  const byName = (one: (typeof keyed)[number], other: (typeof keyed)[number]) =>
    compare(one.version, other.version)
  const sorted = keyed.sort((one, other) => {
    if (by === 'name') return sign * byName(one, other)
    const [a, b] = [one.value, other.value]
    if (a === undefined || b === undefined)
      return Number(a === undefined) - Number(b === undefined) || byName(one, other)
    return sign * (a - b) || byName(one, other)
  })
  return sorted.map(({ row }) => row)
}

/** Choosing a column again reverses it; numbers start with the largest. */
export const turned = (order: Order, by: By): Order =>
  order.by === by ? { by, isDescending: !order.isDescending } : { by, isDescending: by !== 'name' }

/** Whether the name contains all words of the search, in any order. */
export function matches(name: string, text: string): boolean {
  const lower = name.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word))
}
