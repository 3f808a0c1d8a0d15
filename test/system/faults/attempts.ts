/** Requests that write, one of each kind, prepared so that the next thing to happen is that request alone. */

import {
  blobPath,
  type Client,
  chunkAt,
  manifestBody,
  manifestPath,
  pushBlob,
  startUpload,
} from './client.ts'
import { blobOf, manifestOf } from './content.ts'
import type { Knowledge, KnownUpload } from './knowledge.ts'
import { resumeUploads } from './verify.ts'

export interface Attempt {
  /** The request. @throws Refusal */
  once(): Promise<unknown>
  /** What a client does after the request was refused. @throws Error where that does not lead to its goal */
  again(): Promise<unknown>
}

export type Prepare = (client: Client, knowledge: Knowledge, name: string) => Promise<Attempt>

const REPOSITORY = 'faults/attempts'
/** Halves of it are written by a thread of the pool; smaller ones, as manifests are, by the main thread at once. */
const SIZE = 200_000

const pushWhole: Prepare = async (client, knowledge, name) => {
  const blob = blobOf(name, SIZE)
  const changes = { [blobPath(REPOSITORY, blob.digest)]: blob.digest }
  const push = () => knowledge.change(changes, () => pushBlob(client, REPOSITORY, blob))
  return { once: push, again: push }
}

/** An upload that has half of its bytes. */
const beginUpload = async (client: Client, knowledge: Knowledge, name: string): Promise<KnownUpload> => {
  const path = await startUpload(client, REPOSITORY)
  const upload = { path, repository: REPOSITORY, blob: blobOf(name, SIZE), acknowledged: 0 }
  await client.expect(202, 'PATCH', path, firstHalf(upload))
  knowledge.uploads.add(Object.assign(upload, { acknowledged: SIZE / 2 }))
  return upload
}

const firstHalf = ({ blob }: KnownUpload) => chunkAt(0, blob.bytes.slice(0, SIZE / 2))
const secondHalf = ({ blob }: KnownUpload) => chunkAt(SIZE / 2, blob.bytes.slice(SIZE / 2))

const patch: Prepare = async (client, knowledge, name) => {
  const upload = await beginUpload(client, knowledge, name)
  return {
    async once() {
      await client.expect(202, 'PATCH', upload.path, secondHalf(upload))
      upload.acknowledged = SIZE
    },
    again: () => resumeUploads(client, knowledge),
  }
}

const finish: Prepare = async (client, knowledge, name) => {
  const upload = await beginUpload(client, knowledge, name)
  const { path, blob } = upload
  const changes = { [blobPath(REPOSITORY, blob.digest)]: blob.digest }
  return {
    async once() {
      upload.ending = 'finish'
      const request = () => client.expect(201, 'PUT', `${path}?digest=${blob.digest}`, secondHalf(upload))
      await knowledge.change(changes, request)
      knowledge.uploads.delete(upload)
    },
    async again() {
      const { status } = await client.send('GET', path)
      if (status === 204) return resumeUploads(client, knowledge)
      knowledge.uploads.delete(upload)
      await knowledge.change(changes, () => pushBlob(client, REPOSITORY, blob))
    },
  }
}

const pushManifest: Prepare = async (client, knowledge, name) => {
  const blob = blobOf(name, SIZE)
  await knowledge.change({ [blobPath(REPOSITORY, blob.digest)]: blob.digest }, () =>
    pushBlob(client, REPOSITORY, blob),
  )
  const manifest = manifestOf(blob, [blob])
  const byTag = manifestPath(REPOSITORY, 'latest')
  const changes = { [byTag]: manifest.digest, [manifestPath(REPOSITORY, manifest.digest)]: manifest.digest }
  const push = () => knowledge.change(changes, () => client.expect(201, 'PUT', byTag, manifestBody(manifest)))
  return { once: push, again: push }
}

const deleteBlob: Prepare = async (client, knowledge, name) => {
  const blob = blobOf(name, SIZE)
  const path = blobPath(REPOSITORY, blob.digest)
  await knowledge.change({ [path]: blob.digest }, () => pushBlob(client, REPOSITORY, blob))
  return {
    once: () => knowledge.change({ [path]: undefined }, () => client.expect(202, 'DELETE', path)),
    async again() {
      const { status } = await client.send('DELETE', path)
      if (status !== 202 && status !== 404) throw new Error(`DELETE ${path} gave ${status}`)
      knowledge.settle(path, undefined)
    },
  }
}

/** Every kind of request that writes. `calls`: what it asks of the file system beside the catalog. */
export const ATTEMPTS: readonly { name: string; prepare: Prepare; calls: readonly string[] }[] = [
  { name: 'a whole blob', prepare: pushWhole, calls: ['openat', 'pwritev', 'fdatasync', 'rename', 'fsync'] },
  { name: 'a chunk', prepare: patch, calls: ['openat', 'pwritev', 'fdatasync'] },
  { name: 'the last chunk', prepare: finish, calls: ['openat', 'pwritev', 'fdatasync', 'rename', 'fsync'] },
  {
    name: 'a manifest',
    prepare: pushManifest,
    calls: ['openat', 'fdatasync', 'rename', 'fsync'],
  },
  { name: 'a deletion', prepare: deleteBlob, calls: ['fdatasync', 'unlink'] },
]
