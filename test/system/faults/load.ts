/** A mixed push load: everything that clients do to a registry, by several of them at once, until told to stop. */

import { OCTET_STREAM } from '../../../src/core/oci/media-type.ts'
import {
  blobPath,
  type Client,
  chunkAt,
  manifestBody,
  manifestPath,
  pushBlob,
  receivedIn,
  startUpload,
} from './client.ts'
import { type Blob, blobOf, manifestOf } from './content.ts'
import type { Found, Knowledge, KnownUpload } from './knowledge.ts'
import { createRandom, type Random } from './random.ts'

const WORKERS = 6

/** One of the clients. It alone writes to its repositories, though others push the same blobs to theirs. */
interface Worker {
  readonly client: Client
  readonly knowledge: Knowledge
  readonly random: Random
  /** Holds blobs that nothing needs. */
  readonly blobs: string
  /** Holds images. */
  readonly images: string
}

/** Returns when `signal` aborts. @throws Error where a request fails before */
export const runLoad = async (
  client: Client,
  knowledge: Knowledge,
  seed: number,
  signal: AbortSignal,
): Promise<void> => {
  const work = async (_: unknown, number: number): Promise<void> => {
    const random = createRandom(seed + number)
    const worker = {
      client,
      knowledge,
      random,
      blobs: `load/${number}/blobs`,
      images: `load/${number}/images`,
    }
    try {
      while (!signal.aborted) await random.pick(DEEDS)(worker)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work))
}

/** Small or of some MiB; one in three is among the few that everybody pushes. */
const anyBlob = (random: Random): Blob => {
  if (random.chance(0.33)) return blobOf(`common ${random.integer(1, 20)}`, 3000)
  const size = random.chance(0.12) ? random.integer(2 ** 20, 5 * 2 ** 20) : random.integer(100, 20_000)
  return blobOf(`own ${random.integer(0, 2 ** 31)}`, size)
}

const push = ({ client, knowledge }: Worker, repository: string, blob: Blob): Promise<void> =>
  knowledge.change({ [blobPath(repository, blob.digest)]: blob.digest }, () =>
    pushBlob(client, repository, blob),
  )

const pushWhole = (worker: Worker): Promise<void> => push(worker, worker.blobs, anyBlob(worker.random))

const begin = async (worker: Worker): Promise<KnownUpload> => {
  const { client, knowledge, random, blobs: repository } = worker
  const upload = {
    path: await startUpload(client, repository),
    repository,
    blob: anyBlob(random),
    acknowledged: 0,
  }
  knowledge.uploads.add(upload)
  return upload
}

/** POST and PUT. */
const pushMonolithic = async (worker: Worker): Promise<void> => {
  const upload = await begin(worker)
  await finish(worker, upload, { body: upload.blob.bytes })
}

/** POST, some PATCHes, and a PUT: with or without the last bytes, in three of four cases. */
const pushChunked = async (worker: Worker): Promise<void> => {
  const { random } = worker
  const upload = await begin(worker)
  const { bytes } = upload.blob
  const step = Math.ceil(bytes.length / random.integer(1, 4))
  for (let start = 0; start + step < bytes.length; start += step) {
    await patch(worker, upload, bytes.slice(start, start + step))
  }
  const rest = bytes.slice(upload.acknowledged)
  if (random.chance(0.25)) return
  if (random.chance(0.5)) return finish(worker, upload, chunkAt(upload.acknowledged, rest))
  await patch(worker, upload, rest)
  await finish(worker, upload)
}

const patch = async (
  { client, random }: Worker,
  upload: KnownUpload,
  bytes: Blob['bytes'],
): Promise<void> => {
  const streamed = { body: new Response(bytes).body!, headers: { 'content-type': OCTET_STREAM } }
  const options = random.chance(0.5) ? streamed : chunkAt(upload.acknowledged, bytes)
  upload.acknowledged = receivedIn(await client.expect(202, 'PATCH', upload.path, options))
}

const finish = async (
  { client, knowledge }: Worker,
  upload: KnownUpload,
  options?: Parameters<Client['send']>[2],
): Promise<void> => {
  const { path, repository, blob } = upload
  upload.ending = 'finish'
  await knowledge.change({ [blobPath(repository, blob.digest)]: blob.digest }, () =>
    client.expect(201, 'PUT', `${path}?digest=${blob.digest}`, options),
  )
  knowledge.uploads.delete(upload)
}

const cancel = async (worker: Worker): Promise<void> => {
  const upload = await begin(worker)
  if (worker.random.chance(0.5)) await patch(worker, upload, upload.blob.bytes)
  upload.ending = 'cancel'
  await worker.client.expect(204, 'DELETE', upload.path)
  worker.knowledge.uploads.delete(upload)
}

/** An image by one of three tags, which thereby move, or by its digest. */
const pushImage = async (worker: Worker): Promise<void> => {
  const { client, knowledge, random, images } = worker
  const blobs = Array.from({ length: random.integer(2, 4) }, () => anyBlob(random))
  await Promise.all(
    [...new Map(blobs.map((blob) => [blob.digest, blob])).values()].map((blob) => push(worker, images, blob)),
  )
  const manifest = manifestOf(blobs[0]!, blobs.slice(1))
  const reference = random.pick(['a', 'b', 'c', manifest.digest])
  const changes = {
    [manifestPath(images, manifest.digest)]: manifest.digest,
    [manifestPath(images, reference)]: manifest.digest,
  }
  await knowledge.change(changes, () =>
    client.expect(201, 'PUT', manifestPath(images, reference), manifestBody(manifest)),
  )
}

/** From a repository of images, which loses no blob. */
const mount = async ({ client, knowledge, random, blobs }: Worker): Promise<void> => {
  const from = `load/${random.integer(0, WORKERS - 1)}/images`
  const sources = knowledge.present(`/v2/${from}/blobs/`)
  if (sources.length === 0) return
  const [digest] = knowledge.possible(random.pick(sources))
  await knowledge.change({ [blobPath(blobs, digest!)]: digest }, () =>
    client.expect(201, 'POST', `/v2/${blobs}/blobs/uploads/?mount=${digest}&from=${from}`),
  )
}

const deleteBlob = ({ client, knowledge, random, blobs }: Worker): Promise<void> =>
  deleteOne(client, knowledge, random, knowledge.present(`/v2/${blobs}/blobs/`))

const deleteTag = ({ client, knowledge, random, images }: Worker): Promise<void> => {
  const isTag = (path: string): boolean => !path.includes(':')
  return deleteOne(client, knowledge, random, knowledge.present(`/v2/${images}/manifests/`).filter(isTag))
}

const deleteOne = async (
  client: Client,
  knowledge: Knowledge,
  random: Random,
  paths: string[],
): Promise<void> => {
  if (paths.length === 0) return
  const path = random.pick(paths)
  await knowledge.change({ [path]: undefined }, () => client.expect(202, 'DELETE', path))
}

/** The tags that name it go with it. */
const deleteManifest = async ({ client, knowledge, random, images }: Worker): Promise<void> => {
  const paths = knowledge.present(`/v2/${images}/manifests/`)
  if (paths.length === 0) return
  const [digest] = knowledge.possible(random.pick(paths))
  const changes: Record<string, Found> = { [manifestPath(images, digest!)]: undefined }
  for (const path of paths) if (knowledge.possible(path)[0] === digest) changes[path] = undefined
  await knowledge.change(changes, () => client.expect(202, 'DELETE', manifestPath(images, digest!)))
}

/** Those that stand here more than once are done more often. */
const DEEDS: readonly ((worker: Worker) => Promise<void>)[] = [
  pushWhole,
  pushWhole,
  pushMonolithic,
  pushMonolithic,
  pushChunked,
  pushChunked,
  pushChunked,
  pushImage,
  pushImage,
  pushImage,
  mount,
  cancel,
  deleteBlob,
  deleteBlob,
  deleteTag,
  deleteManifest,
]
