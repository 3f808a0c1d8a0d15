/** `flotilla keep` and `flotilla evict`: what has to stay of that which came from peers, and what may go. */
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

export async function keep({ image, release = false, ...owner }: KeepOptions): Promise<void> {
  const [repository, text = ''] = image.split('@')
  const digest = parseDigest(text)
  if (!repository || !digest) exitWith([`${image} is no repository@digest`])
  await askOwner(owner, release ? 'DELETE' : 'PUT', `/flotilla/kept/${repository}/${digest}`)
}

export async function evict(owner: OwnerOptions): Promise<void> {
  const { freed }: { freed: number } = await (await askOwner(owner, 'POST', '/flotilla/evict')).json()
  process.stdout.write(`${size(freed)} freed\n`)
}
