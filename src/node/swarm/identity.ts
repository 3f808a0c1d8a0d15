/** Who this peer is: an Ed25519 key that is made at the first start and kept in the data folder. */
import { randomUUID } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { ConfigurationError } from '../config/error.ts'

/**
 * The key in `<folder>/key`, as libp2p writes keys: a protobuf. Without a folder, a fresh one each time.
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
    const problem = `${path}: it holds no private key; put a copy back, or remove it for a new id`
    throw Object.assign(new ConfigurationError([problem]), { cause })
  }
}

/** All of the key is in place or none of it, and no other key is ever replaced. */
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
