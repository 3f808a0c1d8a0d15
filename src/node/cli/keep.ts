/** `flotilla keep` protects an image from peers from eviction; `flotilla evict` frees space. */
import * as z from 'zod/mini'
import { formatByteSize } from '../../core/byte-size.ts'
import { parseDigest } from '../../core/oci/digest.ts'
import { type AdminOptions, requestAdmin } from './admin-client.ts'
import { exitWith } from './errors.ts'

export interface KeepOptions extends AdminOptions {
  /** `repository@digest` */
  readonly image: string
  /** Let it be evicted like others again. */
  readonly release?: boolean | undefined
}

const evictedSchema = z.object({ freed: z.number() })

export async function keep({ image, release = false, ...owner }: KeepOptions): Promise<void> {
  const [repository, text = ''] = image.split('@')
  const digest = parseDigest(text)
  if (!repository || !digest) exitWith([`${image} is not repository@digest; flotilla images shows digests`])
  const method = release ? 'DELETE' : 'PUT'
  await requestAdmin(owner, { method, path: `/flotilla/kept/${repository}/${digest}`, schema: z.undefined() })
}

export interface EvictOptions extends AdminOptions {
  readonly dryRun?: boolean | undefined
}

export async function evict({ dryRun = false, ...owner }: EvictOptions): Promise<void> {
  const path = `/flotilla/evict${dryRun ? '?dry' : ''}`
  const { value } = await requestAdmin(owner, { method: 'POST', path, schema: evictedSchema })
  process.stdout.write(`${formatByteSize(value.freed)} ${dryRun ? 'would be freed' : 'freed'}\n`)
}
