/**
 * A configuration before it has been checked: maps, lists and values as YAML gives them, of which nothing is
 * known yet.
 */
import { ConfigurationError } from './error.ts'
import { Plain } from './plain.ts'

export type Tree = Record<string, unknown>

export type Path = readonly PropertyKey[]

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Plain)
}

/** `http.headers.Via[0]`, as in the documentation. */
export function pathText(path: Path): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}

/** `undefined` where nothing stands there. */
export function read(tree: unknown, path: Path): unknown {
  let place = tree
  for (const key of path) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, key)) return undefined
    place = (place as Record<PropertyKey, unknown>)[key]
  }
  return place
}

/**
 * Sets a value, and makes the maps and lists on the way that are not there.
 *
 * @throws ConfigurationError where a value stands in the way, or a list would get a gap
 */
export function assign(tree: Tree, path: Path, value: unknown): void {
  let place: Record<PropertyKey, unknown> = tree
  for (const [depth, key] of path.entries()) {
    if (Array.isArray(place) && Number(key) > place.length) {
      throw new ConfigurationError([`${pathText(path.slice(0, depth))} has only ${place.length} items`])
    }
    const next = read(place, [key]) ?? (typeof path[depth + 1] === 'number' ? [] : {})
    if (depth < path.length - 1 && !isTree(next) && !Array.isArray(next)) {
      throw new ConfigurationError([`${pathText(path.slice(0, depth + 1))} is neither a map nor a list`])
    }
    place[key] = depth === path.length - 1 ? value : next
    place = next as Record<PropertyKey, unknown>
  }
}

/** Puts what `defaults` hold where `tree` says nothing. */
export function complete(tree: Tree, defaults: Tree): void {
  for (const [key, value] of Object.entries(defaults)) {
    const present = tree[key]
    if (present === undefined || present === null) tree[key] = structuredClone(value)
    else if (isTree(present) && isTree(value)) complete(present, value)
  }
}

export function remove(tree: Tree, path: Path): void {
  const parent = read(tree, path.slice(0, -1))
  if (isTree(parent)) delete parent[String(path.at(-1))]
}

/** Replaces each {@link Plain} by its value. Gives the texts, by {@link pathText}. */
export function takeTexts(tree: Tree): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  const look = (container: Tree | unknown[], path: Path): void => {
    for (const [name, value] of Object.entries(container)) {
      const key = Array.isArray(container) ? Number(name) : name
      if (value instanceof Plain) {
        texts.set(pathText([...path, key]), value.text)
        ;(container as Record<PropertyKey, unknown>)[key] = value.value
      } else if (isTree(value) || Array.isArray(value)) look(value, [...path, key])
    }
  }
  look(tree, [])
  return texts
}
