/** `flotilla push`: an archive of images into a registry. */
import { basename } from 'node:path'
import type { Archive } from '../../core/archive/archive.ts'
import { parseImageName } from '../../core/archive/image-name.ts'
import type { ArchiveProgress } from '../../core/archive/progress.ts'
import { pushArchive } from '../../core/archive/push-archive.ts'
import { readArchive } from '../../core/archive/read-archive.ts'
import { createClient } from '../../core/client/client.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { attempt } from './attempt.ts'
import { decompress } from './decompress.ts'
import { exitWith } from './exit.ts'
import { openSliceable } from './file-slice.ts'
import { reasonOf } from './reason.ts'
import { explainTransfer } from './transfer.ts'

export interface PushOptions {
  readonly file: string
  /** `repository[:tag]`, in place of what the archive says. */
  readonly image?: string | undefined
  /** URL of the registry. */
  readonly to: string
}

export async function push({ file, image, to }: PushOptions): Promise<void> {
  const target = image === undefined ? {} : parseImageName(image)
  if (!target) return exitWith([`${image} is not repository:tag`])
  const archive = await read(file).catch((error) => exitWith([reasonOf(error)]))
  const what = `push ${file} to ${to}`
  await attempt(
    async () => {
      tell(archive.remarks.map((remark) => `${file}: ${remark}`))
      const client = createClient({ base: to })
      const pushed = await pushArchive(archive, client, { ...target, onProgress: showProgress() })
      for (const { repository, tags, digest, remark } of pushed) {
        const names = tags.length > 0 ? tags.map((tag) => `${repository}:${tag}`) : [repository]
        if (remark !== undefined) tell([`${names[0]}: ${remark}`])
        for (const name of names) process.stdout.write(`${name}@${digest}\n`)
      }
    },
    explainTransfer({ what, url: to, option: '--to' }),
  )
}

/** @throws RegistryError naming the file */
async function read(file: string): Promise<Archive> {
  const content = await openSliceable(file)
  const name = basename(file)
  try {
    return await readArchive(content, { name, decompress })
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError(error.code, `${name}: ${error.message}`, { cause: error })
  }
}

/** What is pushed is on the other stream. */
const tell = (remarks: readonly string[]): void => {
  process.stderr.write(remarks.map((remark) => `flotilla: ${remark}\n`).join(''))
}

/** For a person who waits, not for a program. */
function showProgress(): ((progress: ArchiveProgress) => void) | undefined {
  const { stderr } = process
  if (!stderr.isTTY) return undefined
  let shown = -1
  return ({ done, total }) => {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
    if (percent === shown) return
    shown = percent
    stderr.write(`\r${percent} %${percent === 100 ? '\n' : ''}`)
  }
}
