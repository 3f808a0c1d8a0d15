/** `flotilla keep` and `flotilla evict`: what has to stay of that which came from peers, and what may go. */
import * as z from 'zod/mini'
import { parseDigest } from '../../core/oci/digest.ts'
import { askOwner, type OwnerOptions } from './ask-owner.ts'
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

export async function evict(owner: OwnerOptions): Promise<void> {
  const question = { method: 'POST', path: '/flotilla/evict', answer: evictedSchema } as const
  const { value } = await askOwner(owner, question)
  process.stdout.write(`${size(value.freed)} freed\n`)
}
