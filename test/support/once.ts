/** What several projects set up alike, made once for a whole run: each project has its own modules. */

const kept = globalThis as unknown as Record<symbol, Promise<unknown> | undefined>

export const once = <T>(name: string, make: () => Promise<T>): Promise<T> => {
  const key = Symbol.for(`flotilla: ${name}`)
  kept[key] ??= make()
  return kept[key] as Promise<T>
}
