/** Modes as `ls -l` writes them. */
import type { Row } from '../../../core/layers/look.ts'

const KINDS: Partial<Record<Row['kind'], string>> = { folder: 'd', symlink: 'l', pipe: 'p', device: 'c' }

/** Set user id, set group id, sticky: in place of the `x` that they change. */
const SPECIAL = ['s', 's', 't'] as const

export function modeText({ kind, mode }: Pick<Row, 'kind' | 'mode'>): string {
  const triples = [0, 1, 2].map((who) => {
    const bits = (mode >> (6 - 3 * who)) & 7
    const special = (mode >> (11 - who)) & 1 ? SPECIAL[who]! : undefined
    const execute = bits & 1 ? (special ?? 'x') : (special?.toUpperCase() ?? '-')
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${execute}`
  })
  return `${KINDS[kind] ?? '-'}${triples.join('')}`
}
