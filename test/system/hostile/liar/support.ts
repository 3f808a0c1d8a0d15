/** What the tests of lying peers have in common. */

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../../../support/digest.ts'
import { pull } from '../../peers/pull.ts'
import type { RegistryPeer } from '../../peers/registry-peer.ts'

/** Only those meet that the test names. */
export const ALONE = { REGISTRY_SWARM_DHT_ENABLED: 'false' }

/** A digest that nobody has. */
export const madeUp = (name: string): string => digestOf(Buffer.from(`made up: ${name}`))

/** Milliseconds until a client that retries broken pulls has the right bytes. */
export async function timeToPull({ url }: RegistryPeer, repository: string, digest: string): Promise<number> {
  const start = performance.now()
  for (let attempt = 1; ; attempt++) {
    const { outcome } = await pull(url, repository, digest)
    if (outcome === 'right') return Math.round(performance.now() - start)
    if (outcome !== 'broken off' || attempt === 5) throw new Error(`${digest}: ${outcome}`)
  }
}

/** A client that reads so many bytes and goes, or stays without reading on. */
export async function readSome(url: string, length: number): Promise<{ leave(): void; bytes: number }> {
  const leaving = new AbortController()
  const response = await fetch(url, { signal: leaving.signal })
  const leave = () => leaving.abort()
  if (!response.ok) return { leave, bytes: 0 }
  const reader = response.body!.getReader()
  let bytes = 0
  while (bytes < length) {
    const { value, done } = await reader.read()
    if (done) break
    bytes += value.length
  }
  return { leave, bytes }
}

/** Bytes of disk that what is on its way here takes. */
export async function uploadsOf({ data }: Pick<RegistryPeer, 'data'>): Promise<number> {
  const folder = join(data, 'uploads')
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ blocks }) => 512 * blocks,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
