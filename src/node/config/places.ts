/** Finds where a setting was made, for error messages. Only loaded if there are problems. */
import { readFile } from 'node:fs/promises'
import { isMap, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import type { Environment } from './environment.ts'
import type { SourceOf } from './error.ts'

interface Sources {
  readonly file: string | undefined
  readonly environment: Environment
  readonly overrides: { readonly addr?: string | undefined; readonly rootdirectory?: string | undefined }
}

export async function findSources({ file, environment, overrides }: Sources): Promise<SourceOf> {
  const lineOf = file ? linesIn(await readFile(file, 'utf8')) : () => undefined
  return (key) => {
    if (key === 'http.addr' && overrides.addr !== undefined) return '--addr'
    if (key === 'storage.filesystem.rootdirectory' && overrides.rootdirectory !== undefined) return '--data'
    const steps = stepsOf(key)
    const variable = variableOf(steps, environment)
    if (variable !== undefined) return `set by ${variable}`
    const line = lineOf(steps)
    return line === undefined ? file : `${file}, line ${line}`
  }
}

/** `http.headers.Via[0]` → http, headers, Via, 0 */
const stepsOf = (key: string): string[] => key.split(/[.[\]]+/).filter(Boolean)

/** The variable that sets the key or a section around it, or else a key in it. */
function variableOf(steps: readonly string[], environment: Environment): string | undefined {
  const names = steps.map(
    (_, index) =>
      `REGISTRY_${steps
        .slice(0, index + 1)
        .join('_')
        .toUpperCase()}`,
  )
  const set = Object.keys(environment)
  const found = names
    .toReversed()
    .flatMap((name) => set.filter((variable) => variable.toUpperCase() === name))
  return found[0] ?? set.find((variable) => variable.startsWith(`${names.at(-1)}_`))
}

/** The line of the key, or of the innermost section that should contain it. */
function linesIn(text: string): (steps: readonly string[]) => number | undefined {
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { version: '1.1', lineCounter })
  return (steps) => {
    let node: unknown = contents
    let position: number | undefined
    for (const step of steps) {
      const entry = entryOf(node, step)
      if (!entry) break
      position = entry.position ?? position
      node = entry.value
    }
    return position === undefined ? undefined : lineCounter.linePos(position).line
  }
}

function entryOf(node: unknown, step: string): { value: unknown; position: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }: Pair) => String(key) === step)
    return pair && { value: pair.value, position: (pair.key as Node).range?.[0] }
  }
  if (!isSeq(node)) return undefined
  const value = node.items[Number(step)] as Node | undefined
  return value && { value, position: value.range?.[0] }
}
