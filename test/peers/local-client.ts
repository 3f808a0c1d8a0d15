/**
 * A program that asks the registry on its own host, for tests of registries on hosts of their own: it does one thing
 * and writes what came of it, in JSON.
 */
import type { SwarmStatus } from '../../src/core/libp2p/status.ts'
import { askAsOwner } from '../support/owner.ts'
import { digestOf, make, type Recipe } from './content.ts'
import { pull } from './pull.ts'

export type Errand =
  | { readonly do: 'status'; readonly url: string; readonly data: string }
  | { readonly do: 'push' | 'pull'; readonly url: string; readonly blob: Recipe }

const REPOSITORY = 'library/app'

const errand: Errand = JSON.parse(process.argv[2]!)
process.stdout.write(JSON.stringify(await perform(errand)))

async function perform(errand: Errand): Promise<SwarmStatus | { outcome: string }> {
  const { url } = errand
  if (errand.do === 'status')
    return (await (await askAsOwner(errand, '/flotilla/peers')).json()) as SwarmStatus
  const bytes = make(errand.blob)
  if (errand.do === 'pull') return pull(url, REPOSITORY, digestOf(bytes))
  const path = `/v2/${REPOSITORY}/blobs/uploads/?digest=${digestOf(bytes)}`
  const { status } = await fetch(url + path, { method: 'POST', body: bytes as Uint8Array<ArrayBuffer> })
  return { outcome: String(status) }
}
