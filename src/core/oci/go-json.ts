/**
 * JSON as Go's programs write and read it: null stands for whatever is absent, be it a map, a list, a text or an object.
 * Nearly all that registries hold was written by them.
 *
 * @see https://pkg.go.dev/encoding/json#Unmarshal
 */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same without what is null; the object itself where nothing is. */
export function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(object).includes(null)) return object
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}

/** A list of texts, in which null is the empty one; `undefined` for anything else. */
export function stringsIn(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || !value.every(isStringOrNull)) return undefined
  return value.includes(null) ? value.map((entry) => entry ?? '') : value
}

/** A map of texts, in which null is the empty one; `undefined` for anything else. */
export function stringMapIn(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined
  const texts = Object.values(value)
  if (!texts.every(isStringOrNull)) return undefined
  if (!texts.includes(null)) return value as Record<string, string>
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, (entry ?? '') as string]))
}

const isStringOrNull = (value: unknown): boolean => value === null || typeof value === 'string'
