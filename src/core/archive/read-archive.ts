/** Recognises what a file is and reads which images are in it: headers and manifests only, in no time. */
import type { Sliceable } from '../client/sliceable.ts'
import type { Archive, ArchiveImage } from './archive.ts'
import { invalidArchive } from './archive-error.ts'
import type { Decompress } from './decompress.ts'
import { readDockerSave } from './docker-save.ts'
import { readHybrid } from './hybrid.ts'
import { type ImageName, repositoryOf } from './image-name.ts'
import { MAKE_ONE, noArchiveBut } from './no-archive.ts'
import { readOciLayout } from './oci-layout.ts'
import { openTar, type Tar } from './tar.ts'

export interface ReadArchiveOptions {
  /** The file's name, from which images get theirs that have none. Default: that of a `File`. */
  readonly name?: string | undefined
  /** Default: libraries in JavaScript, which run anywhere. */
  readonly decompress?: Decompress | undefined
  readonly signal?: AbortSignal | undefined
}

/** @throws RegistryError MANIFEST_INVALID for what is no archive of images or a damaged one, naming the file in it */
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

/** A tar, but of something else. */
function withoutImage(tar: Tar): string {
  if (tar.find('repositories'))
    return 'the archive is of a Docker before 1.10; load it into a newer one and save it again'
  if (['etc/passwd', 'etc/os-release', 'bin/sh'].some((name) => tar.find(name)))
    return `the archive holds the files of a container, as docker export writes them, but no image; ${MAKE_ONE}`
  return `the archive holds no image: neither index.json (OCI) nor manifest.json (docker save) is in it; ${MAKE_ONE}`
}

/**
 * What has no name goes where the named images go, such as their signatures; else the file's name says where. A tag is
 * given only to an image that is alone, as Docker does: `latest`.
 */
function named(archive: Archive, fileName: string): Archive {
  const { images } = archive
  const fallback = repositoryOf(fileName)
  const repositories = new Set(
    images.flatMap(({ names }) => names.map(({ repository }) => repository ?? fallback)),
  )
  const where = repositories.size > 0 ? [...repositories] : [fallback]
  const tag = images.length === 1 ? 'latest' : undefined
  const complete = (image: ArchiveImage): ArchiveImage => ({
    ...image,
    names:
      image.names.length > 0
        ? image.names.map((name) => withRepository(name, fallback, tag))
        : where.map((repository) => withRepository({}, repository, tag)),
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
