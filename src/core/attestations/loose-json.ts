/** Lenient access to untrusted JSON, whose formats have many dialects: values of the wrong type count as absent. */
import { isObject } from '../oci/json.ts'

export type Json = Readonly<Record<string, unknown>>

export const objectIn = (value: unknown): Json => (isObject(value) ? value : {})

/** The objects in a list; other entries are dropped. */
export const objectsIn = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter(isObject) : []

export const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === 'string' && entry !== '') : []

export const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** The value at a path of keys. */
export const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce((inner: unknown, key) => objectIn(inner)[key], value)

/** `{ sha256: '…' }` → `sha256:…`. */
export const digestsIn = (value: unknown): readonly string[] =>
  Object.entries(objectIn(value)).flatMap(([algorithm, hex]) =>
    typeof hex === 'string' ? [`${algorithm}:${hex}`] : [],
  )

/** Decodes base64, also in the URL-safe alphabet; `undefined` if it is neither. */
export function bytesOf(base64: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof base64 !== 'string' || base64 === '') return undefined
  try {
    const text = atob(base64.replaceAll('-', '+').replaceAll('_', '/').replace(/\s+/g, ''))
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
}
