/**
 * A configuration before validation: maps, lists and values as YAML gives them. Reads YAML as Distribution does (version
 * 1.1, where `yes` and `on` are true), and expands the short and old spellings that Distribution allows.
 */

import type { Document, Scalar } from 'yaml'
import { ConfigurationError } from './error.ts'

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

/** `undefined` if there is no such path. */
export function read(tree: unknown, path: Path): unknown {
  let node = tree
  for (const key of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined
    node = (node as Record<PropertyKey, unknown>)[key]
  }
  return node
}

/**
 * Sets a value, and creates missing maps and lists on the way.
 *
 * @throws ConfigurationError if a scalar is in the way, or a list would get a gap
 */
export function assign(tree: Tree, path: Path, value: unknown): void {
  let node: Record<PropertyKey, unknown> = tree
  for (const [depth, key] of path.entries()) {
    if (Array.isArray(node) && Number(key) > node.length) {
      throw new ConfigurationError([`${pathText(path.slice(0, depth))} has only ${node.length} items`])
    }
    const next = read(node, [key]) ?? (typeof path[depth + 1] === 'number' ? [] : {})
    if (depth < path.length - 1 && !isTree(next) && !Array.isArray(next)) {
      throw new ConfigurationError([`${pathText(path.slice(0, depth + 1))} is neither a map nor a list`])
    }
    node[key] = depth === path.length - 1 ? value : next
    node = next as Record<PropertyKey, unknown>
  }
}

/** Adds the values of `defaults` that `tree` doesn't have. */
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

/** Replaces each {@link Plain} with its value. @returns the texts, by {@link pathText} */
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

/**
 * A scalar that YAML doesn't parse as text, such as `true`, `0x1f` and `1.10`, with the text that it was written as. If a
 * setting is text, Distribution uses that, as Go's decoder does. The fields are private, so that it has no enumerable
 * properties, as a map would.
 */
export class Plain {
  readonly #value: unknown
  readonly #text: string

  constructor(value: unknown, text: string) {
    this.#value = value
    this.#text = text
  }

  get value(): unknown {
    return this.#value
  }

  get text(): string {
    return this.#text
  }
}

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

/**
 * Returns numbers, booleans and dates as {@link Plain}, and keys as text. The parser is loaded when it is first needed, so
 * that a registry without a file and variables starts faster.
 *
 * @throws SyntaxError with the first problem and its position
 */
export async function parseYaml(text: string): Promise<unknown> {
  const { parseDocument, visit } = await import('yaml')
  const document: Document = parseDocument(text, { version: '1.1' })
  const [error] = document.errors
  if (error !== undefined) throw new SyntaxError(error.message.split('\n')[0]!.replace(/:$/, ''))
  visit(document, {
    Scalar(role, scalar) {
      if (isPlain(scalar))
        scalar.value = role === 'key' ? scalar.source : new Plain(scalar.value, scalar.source)
    },
  })
  return document.toJS()
}

/** Neither text nor null. */
const isPlain = (scalar: Scalar): scalar is Scalar & { source: string } =>
  ['number', 'bigint', 'boolean'].includes(typeof scalar.value) || scalar.value instanceof Date
