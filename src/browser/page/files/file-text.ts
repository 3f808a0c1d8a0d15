/** Files as text: their content, their mode as in `ls -l`, and downloads. */
import type { Row } from '../../../core/layers/list-files.ts'

/** Characters that do not occur in text; a few are accepted for old formats. */
const CONTROL = /(?![\t\n\v\f\r])\p{Cc}|\ufffd/gu

/** The text in the bytes, whose last character may be cut; `undefined` if they are not text. */
export function textIn(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes, { stream: true })
  const wrong = text.match(CONTROL)?.length ?? 0
  return text.includes('\0') || wrong * 20 > text.length ? undefined : text
}

const KINDS: Partial<Record<Row['kind'], string>> = { folder: 'd', symlink: 'l', pipe: 'p', device: 'c' }

/** Letters for set-user-id, set-group-id and sticky, which replace `x`. */
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

/** Milliseconds after which every browser has started the download. */
const SAVE_MS = 60_000

export function saveFile(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), SAVE_MS)
}
