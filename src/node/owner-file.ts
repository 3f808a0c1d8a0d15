/**
 * The file by which the commands find a running registry and prove whose it is: an address says too little of a client,
 * as proxies make all of them look like programs on this machine. Only the owner of the data folder can read it.
 */
import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'

const accessSchema = z.object({ url: z.url(), token: z.string() })

/** How to reach the owner's API of a registry that runs. */
export type OwnerAccess = z.infer<typeof accessSchema>

export const ownerFileIn = (dataFolder: string): string => join(dataFolder, 'owner.json')

/** 256 bits, as it stands in a header. Each start of a registry makes another one. */
export const createToken = (): string => randomBytes(32).toString('base64url')

/** Takes the place of what a registry left behind that was killed. */
export async function writeOwnerFile(dataFolder: string, access: OwnerAccess): Promise<void> {
  const path = ownerFileIn(dataFolder)
  const partial = `${path}.partial`
  await rm(partial, { force: true })
  {
    await using file = await open(partial, 'wx', 0o600)
    await file.writeFile(`${JSON.stringify(access)}\n`)
  }
  await rename(partial, path)
}

/** `undefined` where no registry runs that has told of itself. @throws Error where it cannot be read */
export async function readOwnerFile(dataFolder: string): Promise<OwnerAccess | undefined> {
  const text = await readFile(ownerFileIn(dataFolder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : accessSchema.parse(JSON.parse(text))
}

export const removeOwnerFile = (dataFolder: string): Promise<void> =>
  rm(ownerFileIn(dataFolder), { force: true })
