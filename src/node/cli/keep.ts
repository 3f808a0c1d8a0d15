/** `flotilla keep` and `flotilla evict`: what has to stay of that which came from peers, and what may go of all. */
import * as z from 'zod/mini'
import { parseDigest } from '../../core/oci/digest.ts'
import { askOwner, type OwnerOptions } from './admin-client.ts'
import { exitWith } from './exit.ts'
import { size } from './table.ts'

export interface KeepOptions extends OwnerOptions {
  /** `repository@digest` */
  readonly image: string
  /** Keep it no longer than others. */
  readonly release?: boolean | undefined
}

const evictedSchema = z.object({ freed: z.number() })

export async function keep({ image, release = false, ...owner }: KeepOptions): Promise<void> {
  const [repository, text = ''] = image.split('@')
  const digest = parseDigest(text)
  if (!repository || !digest) exitWith([`${image} is no repository@digest; flotilla images shows digests`])
  const method = release ? 'DELETE' : 'PUT'
  await askOwner(owner, { method, path: `/flotilla/kept/${repository}/${digest}`, answer: z.undefined() })
}

export interface EvictOptions extends OwnerOptions {
  readonly dryRun?: boolean | undefined
}

export async function evict({ dryRun = false, ...owner }: EvictOptions): Promise<void> {
  const path = `/flotilla/evict${dryRun ? '?dry' : ''}`
  const { value } = await askOwner(owner, { method: 'POST', path, answer: evictedSchema })
  process.stdout.write(`${size(value.freed)} ${dryRun ? 'would be freed' : 'freed'}\n`)
}
