/**
 * Validates a configuration tree. Unknown keys are reported and ignored, as Distribution ignores them; values of the wrong
 * type are problems.
 */
import type * as z from 'zod'
import { type Config, configSchema } from '../../core/config.ts'
import { assign, isTree, pathText, read, remove, type Tree, takeTexts } from './tree.ts'

interface Checked {
  /** `undefined` if there are problems. */
  readonly config: Config | undefined
  readonly problems: string[]
  readonly warnings: string[]
}

/** Removes unknown keys and empty values from `tree`, and turns scalars into text where the schema expects text. */
export function checkConfig(tree: Tree): Checked {
  const texts = takeTexts(tree)
  removeEmpty(tree)
  readAsText(tree, texts)
  const warnings = removeUnknown(tree)
  const { data: config, error } = configSchema.safeParse(tree, { error: explain })
  const problems = (error?.issues ?? []).map(({ path, message }) => `${pathText(path)}: ${message}`)
  return { config, problems, warnings }
}

/** A key without a value counts as absent. */
function removeEmpty(tree: Tree): void {
  for (const [key, value] of Object.entries(tree)) {
    if (value === null) delete tree[key]
    if (isTree(value)) removeEmpty(value)
  }
}

/** As Go's decoder does: a scalar becomes the text it was written as, and null in a list becomes the empty text. */
function readAsText(tree: Tree, texts: ReadonlyMap<string, string>): void {
  for (const issue of configSchema.safeParse(tree).error?.issues ?? []) {
    if (issue.code !== 'invalid_type' || issue.expected !== 'string') continue
    const isNothing = read(tree, issue.path) === null
    const text = isNothing ? '' : texts.get(pathText(issue.path))
    if (text !== undefined) assign(tree, issue.path, text)
  }
}

function removeUnknown(tree: Tree): string[] {
  const issues = configSchema.safeParse(tree).error?.issues ?? []
  const paths = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
  )
  for (const path of paths) remove(tree, path)
  return paths.map((path) => `${pathText(path)}: unknown key, ignored`)
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  object: 'a map',
  record: 'a map',
  string: 'text',
}

/** Messages for issues without a message in the schema. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return `expected ${KINDS[issue.expected] ?? issue.expected}`
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? 'is empty' : `expected at least ${issue.minimum}`
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}`
  if (issue.code !== 'invalid_value') return undefined
  const values = issue.values.map(String).join(', ')
  return issue.values.length > 1 ? `expected one of ${values}` : `expected ${values}`
}
