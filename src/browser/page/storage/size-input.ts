/**
 * Sizes as people type them. `GB` is 1000³ bytes, as docker prints sizes, and `GiB` or `g` alone is 1024³, as docker
 * reads them; a number without a unit is rejected, because it could be either.
 */
import { sizeText } from '../components/text.ts'

export type TypedSize =
  | { readonly bytes: number | null; readonly meaning?: string }
  | { readonly problem: string }

const LETTERS = ' kmgt'

/** An empty text is `null`: no limit. `meaning` says how the text was understood, unless that is obvious. */
export function readSize(text: string): TypedSize {
  const typed = text.trim()
  if (typed === '') return { bytes: null }
  const [, number, letter = '', i = '', b = ''] = /^(\d+(?:[.,]\d+)?)\s*([kmgt]?)(i?)(b?)$/i.exec(typed) ?? []
  if (number === undefined || (i && !letter)) return { problem: 'Write a size such as 5 GB or 500 MB.' }
  if (!letter && !b) return { problem: `${number} of what? Write ${number} GB, or ${number} MB.` }
  const isDecimal = b !== '' && i === ''
  const bytes = Math.round(
    Number(number.replace(',', '.')) *
      (isDecimal ? 1000 : 1024) ** LETTERS.indexOf(letter.toLowerCase() || ' '),
  )
  if (!Number.isSafeInteger(bytes)) return { problem: 'That is more than any disk has.' }
  const meaning = sizeText(bytes)
  return meaning === typed ? { bytes } : { bytes, meaning: `${typed} is ${meaning}.` }
}

const UNITS: readonly (readonly [name: string, bytes: number])[] = [
  ['GB', 1e9],
  ['GiB', 2 ** 30],
  ['MB', 1e6],
  ['MiB', 2 ** 20],
]

/** A text from which `readSize` gets the same number of bytes. */
export function sizeInput(bytes: number | null): string {
  if (bytes === null) return ''
  const [name, unit] = UNITS.find(([, unit]) => bytes > 0 && bytes % unit === 0) ?? ['B', 1]
  return `${bytes / unit} ${name}`
}
