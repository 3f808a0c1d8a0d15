/** The order of a list: names as people count, versions with their previews before them, whatever has no value last. */

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

/** Of a version that is still to come. */
const PREVIEW = /^(?<version>.*\d)[-.~]?(?<preview>(?:alpha|beta|dev|pre|rc|snapshot).*)$/i

/** `1.9`, `1.10-rc.1`, `1.10`. */
export function compareVersions(one: string, other: string): number {
  const [oneParts, otherParts] = [partsOf(one), partsOf(other)]
  return (
    natural.compare(oneParts.version, otherParts.version) ||
    Number(oneParts.preview === '') - Number(otherParts.preview === '') ||
    natural.compare(oneParts.preview, otherParts.preview)
  )
}

function partsOf(text: string): { version: string; preview: string } {
  const { version = text, preview = '' } = PREVIEW.exec(text)?.groups ?? {}
  return { version, preview }
}

export function sortedBy<T extends Ordered>(rows: readonly T[], { by, isDescending }: Order): readonly T[] {
  const sign = isDescending ? -1 : 1
  const byName = (one: T, other: T) => compareVersions(one.name, other.name)
  if (by === 'name') return rows.toSorted((one, other) => sign * byName(one, other))
  return rows.toSorted((one, other) => {
    const [a, b] = [one[by], other[by]]
    if (a === undefined || b === undefined)
      return Number(a === undefined) - Number(b === undefined) || byName(one, other)
    return sign * (a - b) || byName(one, other)
  })
}

/** A column that is chosen once more turns around; numbers begin with the largest. */
export const turned = (order: Order, by: By): Order =>
  order.by === by ? { by, isDescending: !order.isDescending } : { by, isDescending: by !== 'name' }
