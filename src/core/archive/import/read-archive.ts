/** Recognises the format of an archive and reads which images are in it. Only headers and manifests are read. */
import type { Sliceable } from '../../client/sliceable.ts'
import { invalidArchive, MAKE_ONE, noArchiveBut } from '../errors.ts'
import { type ImageName, repositoryOf } from '../image-name.ts'
import type { Decompress } from '../tar/decompress.ts'
import { openTar, type Tar } from '../tar/tar.ts'
import type { Archive, ArchiveImage } from './archive.ts'
import { readDockerSave } from './docker-save.ts'
import { readHybrid } from './hybrid.ts'
import { readOciLayout } from './oci-layout.ts'

export interface ReadArchiveOptions {
  /** The file's name, which names images that have no name. Default: the name of a `File`. */
  readonly name?: string | undefined
  /** Default: libraries in JavaScript, which run everywhere. */
  readonly decompress?: Decompress | undefined
  readonly signal?: AbortSignal | undefined
}

/** @throws RegistryError MANIFEST_INVALID if it is not an archive of images, or a damaged one; names the file in it */
export async function readArchive(
  file: Sliceable,
  { name = file instanceof File ? file.name : '', ...options }: ReadArchiveOptions = {},
): Promise<Archive> {
  if (file.size === 0) throw noArchiveBut('empty')
  const tar = await openTar(file, options)
  const index = tar.find('index.json')
  const list = tar.find('manifest.json')
  if (index && list) return named(await readHybrid(tar, index, list), name)
  if (index) return named(await readOciLayout(tar, index), name)
  if (list) return named(await readDockerSave(tar, list), name)
  throw invalidArchive(withoutImage(tar))
}

/** What to say of a tar that holds something else. */
function withoutImage(tar: Tar): string {
  if (tar.find('repositories'))
    return 'the archive was saved by Docker before 1.10; load it into a newer Docker and save it again'
  if (['etc/passwd', 'etc/os-release', 'bin/sh'].some((name) => tar.find(name)))
    return `the archive holds the files of a container, as docker export writes them, but no image; ${MAKE_ONE}`
  return `the archive holds no image: neither index.json (OCI) nor manifest.json (docker save) is in it; ${MAKE_ONE}`
}

/**
 * Images without a name, such as signatures, go to the repositories of the named ones; without any, the file's name is
 * used. Only an image that is alone gets a tag, `latest`, as with Docker.
 */
function named(archive: Archive, fileName: string): Archive {
  const { images } = archive
  const fallback = repositoryOf(fileName)
  const repositories = new Set(
    images.flatMap(({ names }) => names.map(({ repository }) => repository ?? fallback)),
  )
  const targets = repositories.size > 0 ? [...repositories] : [fallback]
  const tag = images.length === 1 ? 'latest' : undefined
  const complete = (image: ArchiveImage): ArchiveImage => ({
    ...image,
    names:
      image.names.length > 0
        ? image.names.map((name) => withRepository(name, fallback, tag))
        : targets.map((repository) => withRepository({}, repository, tag)),
  })
  return { ...archive, images: images.map(complete) }
}

const withRepository = (
  name: ImageName,
  repository: string | undefined,
  tag: string | undefined,
): ImageName => ({
  ...(repository !== undefined && { repository }),
  ...(tag !== undefined && { tag }),
  ...name,
})
