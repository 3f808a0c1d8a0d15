/**
 * `REGISTRY_*` variables, by Distribution's rules: the upper-case names of keys joined by `_`, list items by number, and
 * values in YAML. They are applied in lexical order, so a variable can replace a section before others refine it.
 *
 * @see https://distribution.github.io/distribution/about/configuration/#override-specific-configuration-options
 */
import type * as z from 'zod'
import { configSchema } from '../../core/config.ts'
import { assign, expandShorthand, type Path, parseYaml, read, type Tree } from './tree.ts'
import { unimplementedKeys } from './unimplemented.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'REGISTRY_'

/** Names the configuration file. */
export const PATH_VARIABLE = 'REGISTRY_CONFIGURATION_PATH'

/** Applies the variables to `tree`. */
export async function applyEnvironment(tree: Tree, environment: Environment) {
  const problems: string[] = []
  const warnings: string[] = []
  for (const name of Object.keys(environment).filter(isSetting).sort()) {
    const path = pathOf(name, tree)
    if (path === undefined) {
      warnings.push(`${name}: unknown variable, ignored`)
      continue
    }
    try {
      assign(tree, path, await parseYaml(environment[name] ?? ''))
      expandShorthand(tree)
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`)
    }
  }
  return { problems, warnings }
}

/** The version describes the file, so a variable can't set it; container images use REGISTRY_VERSION for their own. */
function isSetting(name: string): boolean {
  return name.startsWith(PREFIX) && name !== PATH_VARIABLE && name !== 'REGISTRY_VERSION'
}

/** `undefined` if no setting has this name. */
function pathOf(name: string, tree: Tree): Path | undefined {
  const path: PropertyKey[] = []
  let schema: z.core.$ZodType | undefined = configSchema
  for (const word of name.slice(PREFIX.length).split('_')) {
    const key = keyOf(word, path, schema, tree)
    if (key === undefined) return undefined
    path.push(key)
    schema = schemaAt(schema, key)
  }
  return path
}

function keyOf(word: string, path: Path, schema: z.core.$ZodType | undefined, tree: Tree) {
  const definition = definitionOf(schema)
  if (definition?.type === 'array') return /^\d+$/.test(word) ? Number(word) : undefined
  const known = definition?.type === 'object' ? Object.keys(definition.shape) : []
  const keys = [...known, ...unimplementedKeys(path), ...Object.keys(read(tree, path) ?? {})]
  const isOpen = definition?.type !== 'object' || String(path) === 'storage'
  return keys.find((key) => key.toUpperCase() === word) ?? (isOpen ? word.toLowerCase() : undefined)
}

function schemaAt(schema: z.core.$ZodType | undefined, key: PropertyKey): z.core.$ZodType | undefined {
  const definition = definitionOf(schema)
  if (definition?.type === 'object') return definition.shape[String(key)]
  if (definition?.type === 'array') return definition.element
  return definition?.type === 'record' ? definition.valueType : undefined
}

/** The definition of a schema without its defaults and transformations. */
function definitionOf(schema: z.core.$ZodType | undefined): z.core.$ZodTypes['_zod']['def'] | undefined {
  const definition = (schema as z.core.$ZodTypes | undefined)?._zod.def
  if (definition === undefined) return undefined
  if (definition.type === 'pipe') return definitionOf(definition.in)
  return 'innerType' in definition ? definitionOf(definition.innerType) : definition
}
