/** The short and the old spellings that Distribution allows, and what they stand for. */
import { isTree, type Tree } from './tree.ts'

/**
 * Turns `storage: inmemory` into `storage: {inmemory: {}}`, `inmemory:` too, `auth: htpasswd` likewise, and `loglevel`
 * into `log.level`.
 */
export function expandShorthand(tree: Tree): void {
  for (const key of ['storage', 'auth']) {
    const name = tree[key]
    if (typeof name === 'string') tree[key] = { [name]: {} }
  }
  if (isTree(tree.storage)) {
    for (const [key, value] of Object.entries(tree.storage)) tree.storage[key] = value ?? {}
  }
  if (tree.loglevel === undefined) return
  if (isTree(tree.log ?? {})) tree.log = { level: tree.loglevel, ...(tree.log as Tree | undefined) }
  delete tree.loglevel
}
