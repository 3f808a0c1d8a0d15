/** Runs a program to its end. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Gives standard output without the line end; a failure carries what the program wrote to standard error. */
export const run = async (
  program: string,
  programArguments: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, programArguments, {
    env: environment,
    maxBuffer: 64 * 2 ** 20,
  })
  return stdout.trimEnd()
}
