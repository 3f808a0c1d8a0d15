/**
 * The parts of an upload: files that together have its bytes. A file is durable and can be read only once it is closed,
 * so a growing upload needs several. Each is named by its position in the upload, so no index of them is needed.
 */
import type { IHasher } from 'hash-wasm'
import type { Algorithm } from '../../core/oci/digest.ts'
import { storageFailed } from '../../core/oci/error.ts'
import { createHash } from '../hash.ts'
import { ifExists } from './storage-error.ts'

/** A closed file with `size` bytes of the upload from `start` on. */
export interface Part {
  readonly start: number
  readonly size: number
  readonly handle: FileSystemFileHandle
}

export interface OpenPart {
  readonly start: number
  readonly handle: FileSystemFileHandle
  readonly writable: FileSystemWritableFileStream
}

/** The form of `crypto.randomUUID()`. Nothing else may become the name of a folder. */
const UPLOAD_ID = /^[0-9a-f-]{36}$/

const PART_NAME = /^(0|[1-9]\d{0,15})$/

export const isUploadId = (id: string): boolean => UPLOAD_ID.test(id)

/** @throws TypeError if `id` can't become the name of a folder */
export function requireUploadId(id: string): void {
  if (!isUploadId(id)) throw new TypeError(`${id} is not an upload id: expected a UUID`)
}

export const isUploadFolder = (entry: FileSystemHandle): entry is FileSystemDirectoryHandle =>
  entry.kind === 'directory' && isUploadId(entry.name)

/** Returns the parts from the first byte on, up to the first gap. None if the folder has been removed meanwhile. */
export async function readParts(folder: FileSystemDirectoryHandle): Promise<Part[]> {
  const found = (await ifExists(filesIn(folder))) ?? []
  const parts: Part[] = []
  for (const part of found.sort((one, other) => one.start - other.start)) {
    if (part.start === endOf(parts)) parts.push(part)
  }
  return parts
}

async function filesIn(folder: FileSystemDirectoryHandle): Promise<Part[]> {
  const found: Part[] = []
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file' || !PART_NAME.test(handle.name)) continue
    const file = await ifExists(handle.getFile())
    if (file?.size) found.push({ start: Number(handle.name), size: file.size, handle })
  }
  return found
}

/** The size of all parts together. */
export function endOf(parts: readonly Part[]): number {
  const last = parts.at(-1)
  return last ? last.start + last.size : 0
}

export async function openPart(folder: FileSystemDirectoryHandle, start: number): Promise<OpenPart> {
  const handle = await folder.getFileHandle(String(start), { create: true })
  return { start, handle, writable: await handle.createWritable() }
}

/** Durable on return. */
export async function closePart({ start, handle, writable }: OpenPart): Promise<Part> {
  await writable.close()
  return { start, size: (await handle.getFile()).size, handle }
}

/** Removes the part and what was written to it. */
export async function abandonPart(folder: FileSystemDirectoryHandle, part: OpenPart): Promise<void> {
  await part.writable.abort().catch(() => {}) // it may have failed
  await folder.removeEntry(part.handle.name).catch(() => {}) // then the next start removes it
}

/** Returns up to `length` bytes from `position` in the upload. */
export async function readPart(
  part: Part,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const start = position - part.start
  const file = await part.handle.getFile()
  const bytes = new Uint8Array(await file.slice(start, start + length).arrayBuffer())
  if (bytes.length === 0) throw storageFailed('a file of an upload is shorter than it was')
  return bytes
}

export async function hashParts(parts: readonly Part[], algorithm: Algorithm): Promise<IHasher> {
  const hash = await createHash(algorithm)
  for (const { handle } of parts) {
    for await (const chunk of (await handle.getFile()).stream()) hash.update(chunk)
  }
  return hash
}

/**
 * Works around WebKit (2.50, Safari 26), which writes the whole buffer of a view. Only a view of a part of its buffer is
 * copied: at most a block at the end of a file.
 */
export const writableBytes = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
