/**
 * Distribution's settings that aren't implemented. Those that protect something prevent the start, because a registry that is
 * open when its owner believes it closed is worse than none. The others are reported and ignored.
 */
import { configSchema } from '../../core/config.ts'
import { isTree, type Path, read, remove, type Tree } from './tree.ts'

const REFUSED = ['auth', 'http.tls', 'middleware', 'policy', 'proxy']

const WITHOUT_EFFECT = [
  'health',
  'http.debug',
  'http.h2c',
  'http.http2',
  'http.secret',
  'log.hooks',
  'log.reportcaller',
  'notifications',
  'redis',
  'storage.cache',
  'storage.filesystem.maxthreads',
  'storage.redirect',
  'storage.tag',
]

const STORAGE_KEYS = Object.keys(configSchema.shape.storage.def.innerType.shape)

/** The known but unimplemented keys below `path`. */
export function unimplementedKeys(path: Path): string[] {
  const prefix = path.map((key) => `${String(key)}.`).join('')
  const below = [...REFUSED, ...WITHOUT_EFFECT].filter((name) => name.startsWith(prefix))
  return below.map((name) => name.slice(prefix.length).split('.')[0]!)
}

/** Removes unimplemented settings from a tree, and reports those with a value. */
export function takeUnimplemented(tree: Tree): { problems: string[]; warnings: string[] } {
  const refused = [...take(tree, REFUSED), ...takeDrivers(tree)]
  return {
    problems: refused.map((name) => `${name}: not supported yet`),
    warnings: take(tree, WITHOUT_EFFECT).map((name) => `${name}: has no effect in this version`),
  }
}

/** Any other key of `storage` is a driver, even with an empty map. */
function takeDrivers({ storage }: Tree): string[] {
  if (!isTree(storage)) return []
  const known = [...STORAGE_KEYS, ...unimplementedKeys(['storage'])]
  const drivers = Object.keys(storage).filter((key) => !known.includes(key))
  for (const driver of drivers) delete storage[driver]
  return drivers.map((driver) => `storage.${driver}`)
}

function take(tree: Tree, names: readonly string[]): string[] {
  return names.filter((name) => {
    const path = name.split('.')
    const value = read(tree, path)
    if (value !== undefined) remove(tree, path)
    return !isEmpty(value)
  })
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (isTree(value) && Object.keys(value).length === 0)
}
