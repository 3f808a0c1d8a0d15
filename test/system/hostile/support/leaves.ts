/** A large blob that nobody has to hold in memory: one leaf after the other, each another one. */

import { createHash, hash } from 'node:crypto'
import { MIB } from '../../../support/bytes.ts'
import type { RegistryProcess } from '../../../support/registry-process.ts'

/** Pushes a blob of so many leaves of 1 MiB, and gives their sha-256, in order. */
export async function pushLeaves(
  { url }: RegistryProcess,
  repository: string,
  count: number,
): Promise<Uint8Array[]> {
  const whole = createHash('sha256')
  const hashes: Uint8Array[] = []
  async function* leaves(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let number = 0; number < count; number++) {
      const leaf = Buffer.alloc(MIB, `leaf ${number} `)
      whole.update(leaf)
      hashes.push(hash('sha256', leaf, 'buffer'))
      yield leaf
    }
  }
  const begun = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  const place = new URL(begun.headers.get('location')!, url)
  const body = leaves() as unknown as BodyInit
  const sent = await fetch(place, { method: 'PATCH', body, duplex: 'half' } as RequestInit)
  const next = new URL(sent.headers.get('location')!, url)
  next.searchParams.set('digest', `sha256:${whole.digest('hex')}`)
  const done = await fetch(next, { method: 'PUT' })
  if (done.status !== 201) throw new Error(`${done.status}: ${await done.text()}`)
  return hashes
}
