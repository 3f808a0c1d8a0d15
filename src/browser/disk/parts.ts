/**
 * The bytes of an upload as files, one beside the other: what a writer closes is durable, and a file that grows cannot
 * be read. Each is named by its place in the upload, so what a stopped worker left behind explains itself.
 */

import type { IHasher } from 'hash-wasm'
import type { Algorithm } from '../../core/oci/digest.ts'
import { storageFailed } from '../../core/oci/error.ts'
import { createHash } from '../hash.ts'
import { present } from './storage-error.ts'

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

/** As `crypto.randomUUID()` makes them; nothing else becomes a name. */
const UPLOAD_ID = /^[0-9a-f-]{36}$/

const PART_NAME = /^(0|[1-9]\d{0,15})$/

export const isUploadId = (id: string): boolean => UPLOAD_ID.test(id)

export const isUploadFolder = (entry: FileSystemHandle): entry is FileSystemDirectoryHandle =>
  entry.kind === 'directory' && isUploadId(entry.name)

/** From the first byte on, without a gap. None where the folder has gone meanwhile. */
export async function readParts(folder: FileSystemDirectoryHandle): Promise<Part[]> {
  const found = (await present(filesIn(folder))) ?? []
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
    const file = await present(handle.getFile())
    if (file?.size) found.push({ start: Number(handle.name), size: file.size, handle })
  }
  return found
}

/** How many bytes all of them have. */
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

/** Leaves nothing of it. */
export async function abandonPart(folder: FileSystemDirectoryHandle, part: OpenPart): Promise<void> {
  await part.writable.abort().catch(() => {}) // it may have failed
  await folder.removeEntry(part.handle.name).catch(() => {}) // or the next start removes it
}

/** As many of `length` bytes from `position` on as the part has. */
export async function readPart(
  part: Part,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const start = position - part.start
  const file = await part.handle.getFile()
  const bytes = new Uint8Array(await file.slice(start, start + length).arrayBuffer())
  if (bytes.length === 0) throw storageFailed('the file is shorter than its part')
  return bytes
}

export async function hashParts(parts: readonly Part[], algorithm: Algorithm): Promise<IHasher> {
  const hash = await createHash(algorithm)
  for (const { handle } of parts) {
    for await (const chunk of (await handle.getFile()).stream()) hash.update(chunk)
  }
  return hash
}
