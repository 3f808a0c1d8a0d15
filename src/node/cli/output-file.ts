/** A file that is written as a whole: nothing stands under its name before, and nothing is left of a failure. */
import { createWriteStream, rmSync } from 'node:fs'
import { realpath, rename, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A device or a pipe is written to as it is, and so is all in `/dev`, where standard output may be a file. */
export async function writeOutput(stream: ReadableStream<Uint8Array>, output: string): Promise<void> {
  const there = await stat(output).catch(() => undefined)
  if (there?.isDirectory()) throw new Error(`${output} is a folder; name a file in it`)
  const isDevice = resolve(output).startsWith('/dev/')
  if (isDevice || (there && !there.isFile())) return await write(stream, output, output)
  const file = await realpath(output).catch(() => output) // a link stays one
  const partial = `${file}.partial`
  const removePartial = () => removeFile(partial)
  process.on('exit', removePartial)
  exitOnSignals()
  await write(stream, partial, output)
  await rename(partial, file)
  process.off('exit', removePartial)
}

/** Errors name the file as the user does, which those of writing do not by themselves. */
async function write(stream: ReadableStream<Uint8Array>, path: string, name: string): Promise<void> {
  const file = createWriteStream(path).on('error', (error: NodeJS.ErrnoException) => {
    error.path = name
  })
  await pipeline(stream, file)
}

/** At the exit of the process, where nothing can be told any more. */
function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {} // it was never made, as its folder is none
}

/** A process that a signal ends by itself removes nothing. */
function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
}
