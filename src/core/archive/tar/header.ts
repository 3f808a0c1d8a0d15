/**
 * Reads the headers of a tar one by one. The library parses each with its extensions (PAX, GNU), and the caller skips the
 * content between them, so that listing a tar doesn't read gigabytes.
 */
import { createTarDecoder, type ParsedTarEntry, type TarHeader } from 'modern-tar'
import { invalidArchive, noArchive } from '../errors.ts'
import type { Cursor } from './cursor.ts'
import { GNU_SPARSE, readGnuMap, readPaxMap, type SparseMap } from './sparse.ts'

export const BLOCK = 512

const TYPE_FLAG = 156

/** Blocks of one header with its extensions: 64 KiB, although a path has at most four. */
const MAX_BLOCKS = 128

export interface Header extends TarHeader {
  /** Set for a sparse file; `size` is then the size of the stored bytes. */
  readonly sparse?: SparseMap | undefined
}

/** Moves the cursor to the content of the entry. `undefined` at the end of the tar. */
export async function readHeader(cursor: Cursor): Promise<Header | undefined> {
  const { readable, writable } = createTarDecoder({ strict: true })
  const reader = readable.getReader()
  const writer = writable.getWriter()
  let entry: ParsedTarEntry | undefined
  // The decoder emits an entry in the same microtask in which it takes the last block of its header.
  reader.read().then(({ value }) => (entry = value), ignore)
  const start = cursor.position
  let block = new Uint8Array()
  for (let blocks = 0; !entry; blocks++) {
    block = await cursor.read(BLOCK)
    if (blocks === 0 && (block.length === 0 || isEmpty(block))) return undefined
    if (start === 0 && blocks === 0 && !isHeader(block)) throw noArchive(block)
    if (block.length < BLOCK) throw invalidArchive('the tar is cut off within a header; download it again')
    if (blocks === MAX_BLOCKS) throw invalidArchive(`the header at ${start} of the tar is too long`)
    await writer.write(block).catch((cause) => {
      throw invalidArchive(`the tar is damaged: no header at byte ${start}; download it again`, cause)
    })
  }
  await reader.cancel()
  return withMap(cursor, entry.header, block)
}

/** Adds the map of a sparse file, which the library doesn't read. @param block - the last of the header */
async function withMap(cursor: Cursor, header: TarHeader, block: Uint8Array): Promise<Header> {
  const { pax = {} } = header
  const name = pax['GNU.sparse.name'] ?? header.name
  const shown = JSON.stringify(name.slice(0, 256))
  const start = cursor.position
  if (block[TYPE_FLAG] === GNU_SPARSE) return { ...header, sparse: await readGnuMap(cursor, block, shown) }
  const sparse = await readPaxMap(cursor, pax, shown)
  return sparse ? { ...header, name, size: header.size - (cursor.position - start), sparse } : header
}

/** Tars since 1988 have this magic; older ones have a mode in octal digits at byte 100. */
const isHeader = (block: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(block.subarray(257, 262)) === 'ustar' ||
  /^[ 0-7]{6,7}[ \0]/.test(new TextDecoder('latin1').decode(block.subarray(100, 108)))

const isEmpty = (block: Uint8Array): boolean => block.every((byte) => byte === 0)

/** The write fails at the same time and reports the error. */
const ignore = (): void => {}
