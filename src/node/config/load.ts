/**
 * Loads the configuration. From weakest to strongest: defaults, the file, the environment, the command line.
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import type { Config } from '../../core/config.ts'
import { DEFAULTS_WITHOUT_FILE } from '../../core/config.ts'
import { checkConfig } from './check.ts'
import { applyEnvironment, type Environment, PATH_VARIABLE } from './environment.ts'
import { ConfigurationError } from './error.ts'
import { assign, complete, expandShorthand, isTree, parseYaml, type Tree } from './tree.ts'
import { takeUnimplemented } from './unimplemented.ts'

export interface Sources {
  /** A YAML file. Default: the one that REGISTRY_CONFIGURATION_PATH names, if any. */
  readonly file?: string | undefined
  readonly environment: Environment
  readonly overrides?: { readonly addr?: string | undefined; readonly rootdirectory?: string | undefined }
}

/** @throws ConfigurationError with the problems of all sources */
export async function loadConfig(sources: Sources): Promise<{ config: Config; warnings: string[] }> {
  const { environment, overrides = {}, file = environment[PATH_VARIABLE] } = sources
  const tree: Tree = file ? await readTree(file) : { version: '0.1' }
  expandShorthand(tree)
  const variables = await applyEnvironment(tree, environment)
  const unimplemented = takeUnimplemented(tree)
  override(tree, overrides)
  if (!file) completeWithoutFile(tree, environment)
  const { config, ...checked } = checkConfig(tree)
  const reports = [variables, unimplemented, checked]
  const problems = reports.flatMap((report) => report.problems)
  if (config === undefined || problems.length > 0) {
    const { findSources } = await import('./places.ts')
    throw new ConfigurationError(problems, await findSources({ file, environment, overrides }))
  }
  return { config, warnings: reports.flatMap((report) => report.warnings) }
}

async function readTree(file: string): Promise<Tree> {
  try {
    const tree = (await parseYaml(await readFile(file, 'utf8'))) ?? {}
    if (isTree(tree)) return tree
  } catch (error) {
    throw new ConfigurationError([`${file}: ${reasonOf(error as Error)}`])
  }
  throw new ConfigurationError([`${file}: expected a map`])
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'EISDIR') return 'it is a folder, not a file; name a YAML file'
  return error.errno === undefined ? error.message : getSystemErrorMessage(error.errno)
}

function override(tree: Tree, { addr, rootdirectory }: NonNullable<Sources['overrides']>): void {
  if (addr !== undefined) assign(tree, ['http', 'addr'], addr)
  if (rootdirectory === undefined) return
  assign(tree, ['storage', 'inmemory'], null)
  assign(tree, ['storage', 'filesystem', 'rootdirectory'], rootdirectory)
}

/** Runs after the variables, which may replace whole sections; settings that they don't name get their usual defaults. */
function completeWithoutFile(tree: Tree, environment: Environment): void {
  useDefaultFolder(tree, environment)
  complete(tree, DEFAULTS_WITHOUT_FILE)
}

/** @see https://specifications.freedesktop.org/basedir-spec/latest/ */
function useDefaultFolder(tree: Tree, environment: Environment): void {
  const storage = tree.storage ?? {}
  if (!isTree(storage) || storage.filesystem !== undefined || storage.inmemory !== undefined) return
  const data = environment.XDG_DATA_HOME || join(environment.HOME || homedir(), '.local', 'share')
  assign(tree, ['storage', 'filesystem', 'rootdirectory'], join(data, 'flotilla'))
}
