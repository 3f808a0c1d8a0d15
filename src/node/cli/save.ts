/** `flotilla save`: an image of a registry into an archive. */
import { createHash } from 'node:crypto'
import { parseImageName } from '../../core/archive/image-name.ts'
import { type ArchiveFormat, openArchive } from '../../core/archive/open-archive.ts'
import { createClient } from '../../core/client/client.ts'
import { parseDigest } from '../../core/oci/digest.ts'
import { attempt } from './attempt.ts'
import { exitWith } from './exit.ts'
import { writeOutput } from './output-file.ts'
import { explainTransfer } from './transfer.ts'

export interface SaveOptions {
  /** `repository[:tag]` or `repository@digest`. */
  readonly image: string
  readonly output: string
  readonly format: ArchiveFormat
  readonly platform?: string | undefined
  /** URL of the registry. */
  readonly from: string
}

export async function save({ image, output, format, platform, from }: SaveOptions): Promise<void> {
  const name = parseImageName(image)
  const digest = image.split('@')[1]
  if (!name?.repository || (digest !== undefined && !parseDigest(digest)))
    return exitWith([`${image} is neither repository:tag nor repository@digest`])
  const { repository } = name
  const reference = digest ?? name.tag ?? 'latest'
  const what = `save ${image} from ${from}`
  await attempt(
    async () => {
      const client = createClient({ base: from })
      const options = { format, platform, preferred: machine, createHash }
      const archive = await openArchive(client, repository, reference, options)
      await writeOutput(archive.stream(), output)
    },
    explainTransfer({ what, url: from, option: '--from' }),
  )
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** What containers run on here: Linux, on other systems in a virtual machine. */
export const machine = `linux/${ARCHITECTURES[process.arch] ?? process.arch}`
