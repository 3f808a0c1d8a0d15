/** `flotilla copy`: copies an image to another registry, or to another name in the same one. */
import { parseImageName } from '../../core/archive/image-name.ts'
import { createClient } from '../../core/client/client.ts'
import { copyImage } from '../../core/client/copy-image.ts'
import { parseDigest } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { attempt, exitWith, reasonOf, reasonOfSilence } from './errors.ts'

export interface CopyOptions {
  /** `repository[:tag]` or `repository@digest`. */
  readonly image: string
  /** `repository[:tag]` at the target. Default: as at the source. */
  readonly as?: string | undefined
  /** URL of the registry that has it. */
  readonly from: string
  /** URL of the registry that gets it. */
  readonly to: string
  readonly referrers: boolean
}

interface Named {
  readonly repository: string
  readonly reference: string
  readonly tag: string | undefined
}

export async function copy({ image, as, from, to, referrers }: CopyOptions): Promise<void> {
  const source = named(image)
  if (!source) return exitWith([`${image} is neither repository:tag nor repository@digest`])
  const target = as === undefined ? source : named(as)
  if (!target || as?.includes('@')) return exitWith([`${as} is not repository:tag`])
  await attempt(
    async () => {
      const client = createClient({ base: from })
      const other = from === to ? client : createClient({ base: to })
      const tag = target.tag ?? source.tag
      const digest = await copyImage({ ...source, client }, { ...target, tag, client: other }, { referrers })
      process.stdout.write(`${target.repository}${tag === undefined ? '' : `:${tag}`}@${digest}\n`)
    },
    (error) => explain(error, { image, from, to }),
  )
}

/** The tag `latest` if `image` has neither a tag nor a digest. */
function named(image: string): Named | undefined {
  const name = parseImageName(image)
  const digest = image.split('@')[1]
  if (!name?.repository || (digest !== undefined && !parseDigest(digest))) return undefined
  const tag = name.tag ?? (digest === undefined ? 'latest' : undefined)
  return { repository: name.repository, reference: digest ?? tag ?? 'latest', tag }
}

function explain(error: unknown, { image, from, to }: Pick<CopyOptions, 'image' | 'from' | 'to'>): string {
  const isUnreachable =
    error instanceof RegistryError && error.code === 'UNAVAILABLE' && error.cause !== undefined
  const reason = isUnreachable
    ? `a registry does not answer: ${reasonOfSilence(error.cause)}; check --from and --to`
    : reasonOf(error)
  return `cannot copy ${image} from ${from} to ${to}: ${reason}`
}
