/** Documents of strangers, in formats with many dialects: what is not as it should be is absent, and nothing fails. */
import { isObject } from '../oci/go-json.ts'

export type Json = Readonly<Record<string, unknown>>

export const objectIn = (value: unknown): Json => (isObject(value) ? value : {})

/** Objects of a list; what else is in it is left out. */
export const objectsIn = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter(isObject) : []

export const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === 'string' && entry !== '') : []

export const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** By a path of keys. */
export const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce((inner: unknown, key) => objectIn(inner)[key], value)

/** `{ sha256: '…' }` → `sha256:…`. */
export const digestsIn = (value: unknown): readonly string[] =>
  Object.entries(objectIn(value)).flatMap(([algorithm, hex]) =>
    typeof hex === 'string' ? [`${algorithm}:${hex}`] : [],
  )

/** `undefined` for what is no base64, also of the alphabet for URLs. */
export function bytesOf(base64: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof base64 !== 'string' || base64 === '') return undefined
  try {
    const text = atob(base64.replaceAll('-', '+').replaceAll('_', '/').replace(/\s+/g, ''))
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
}
