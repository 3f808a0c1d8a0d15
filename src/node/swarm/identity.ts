/** The peer's identity: an Ed25519 key that is created at the first start and stored in the data folder. */
import { randomUUID } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { ConfigurationError } from '../config/error.ts'

/**
 * The key in `<folder>/key`, in libp2p's protobuf format. Without a folder, a new key each time.
 *
 * @see https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys
 */
export async function openIdentity(folder: string | undefined): Promise<PrivateKey> {
  if (folder === undefined) return generateKeyPair('Ed25519')
  const path = join(folder, 'key')
  return (await readKey(path)) ?? (await makeKey(path))
}

async function readKey(path: string): Promise<PrivateKey | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  try {
    return bytes && privateKeyFromProtobuf(bytes)
  } catch (cause) {
    const problem = `${path}: it is not a private key; restore a backup, or remove it to get a new peer id`
    throw Object.assign(new ConfigurationError([problem]), { cause })
  }
}

/** Writes the key completely or not at all, and never replaces another key. */
async function makeKey(path: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519')
  const draft = `${path}.${randomUUID()}`
  try {
    await using file = await open(draft, 'wx', 0o600)
    await file.writeFile(privateKeyToProtobuf(key))
    await file.sync()
    await link(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
  return key
}
