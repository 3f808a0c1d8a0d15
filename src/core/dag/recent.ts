/**
 * Remembers answers for a moment: one block that a peer fetches is asked for several times in a row, and its
 * neighbours have the same blob.
 */
export type Recent<Value> = (
  key: string,
  find: () => Promise<Value | undefined>,
) => Promise<Value | undefined>

/** Absence is not remembered. `lifetime` is in milliseconds: how late a change may be noticed. */
export function createRecent<Value>({ limit, lifetime }: { limit: number; lifetime: number }): Recent<Value> {
  const answers = new Map<string, { readonly value: Value; readonly until: number }>()
  return async (key, find) => {
    const known = answers.get(key)
    if (known && known.until > Date.now()) return known.value
    answers.delete(key)
    const value = await find()
    if (value === undefined) return undefined
    answers.set(key, { value, until: Date.now() + lifetime })
    if (answers.size > limit) answers.delete(answers.keys().next().value!)
    return value
  }
}
