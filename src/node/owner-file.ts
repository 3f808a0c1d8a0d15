/**
 * The file by which commands find a running registry and authenticate with it. Only the owner of the data folder can read
 * it. A client's address isn't enough, because behind a proxy all clients seem to be on this machine.
 */
import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'

const accessSchema = z.object({ url: z.url(), token: z.string() })

/** How to reach the admin API of a running registry. */
export type OwnerAccess = z.infer<typeof accessSchema>

export const ownerFileIn = (dataFolder: string): string => join(dataFolder, 'owner.json')

/** 256 random bits as text for a header. Each start of a registry creates a new one. */
export const createToken = (): string => randomBytes(32).toString('base64url')

/** Replaces the file of a registry that was killed. */
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

/** `undefined` if no registry is running. @throws Error if the file can't be read */
export async function readOwnerFile(dataFolder: string): Promise<OwnerAccess | undefined> {
  const text = await readFile(ownerFileIn(dataFolder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : accessSchema.parse(JSON.parse(text))
}

export const removeOwnerFile = (dataFolder: string): Promise<void> =>
  rm(ownerFileIn(dataFolder), { force: true })
