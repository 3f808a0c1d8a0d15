/**
 * Parses untrusted JSON, which may be small and yet fill the memory when parsed, and reads it as Go does: null counts as
 * absent. Nearly everything in registries was written by Go programs.
 *
 * @see https://pkg.go.dev/encoding/json#Unmarshal
 */

/**
 * More lists and objects than any useful manifest: at a hundred bytes each, 4 MiB hold 40,000 descriptors, each with a
 * platform and annotations. A text of brackets alone would make millions of objects, which takes seconds and hundreds of
 * megabytes.
 */
const MAX_CONTAINERS = 200_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACKET = 0x5b
const BRACE = 0x7b

/** @throws Error if the bytes aren't UTF-8 or JSON, or hold too many lists and objects */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_CONTAINERS && hasTooManyContainers(bytes))
    throw new Error('too many lists and objects')
  return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
}

function hasTooManyContainers(bytes: Uint8Array): boolean {
  let containers = 0
  let isInText = false
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position]
    if (byte === QUOTE) isInText = !isInText
    else if (isInText && byte === BACKSLASH) position++
    else if (!isInText && (byte === BRACKET || byte === BRACE)) containers++
    if (containers > MAX_CONTAINERS) return true
  }
  return false
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Without null values; the object itself if it has none. */
export function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(object).includes(null)) return object
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}

/** A list of strings, in which null counts as an empty string; `undefined` for anything else. */
export function stringsIn(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || !value.every(isStringOrNull)) return undefined
  return value.includes(null) ? value.map((entry) => entry ?? '') : value
}

/** A map of strings, in which null counts as an empty string; `undefined` for anything else. */
export function stringMapIn(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined
  const texts = Object.values(value)
  if (!texts.every(isStringOrNull)) return undefined
  if (!texts.includes(null)) return value as Record<string, string>
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, (entry ?? '') as string]))
}

const isStringOrNull = (value: unknown): boolean => value === null || typeof value === 'string'
