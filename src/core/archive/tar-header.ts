/**
 * The headers of a tar, one by one. The library reads each with all its extensions (PAX, GNU); what lies between is left
 * to whoever moves the cursor, so that gigabytes need not be read to know what is in a tar.
 */
import { createTarDecoder, type ParsedTarEntry, type TarHeader } from 'modern-tar'
import { invalidArchive } from './archive-error.ts'
import type { Cursor } from './cursor.ts'
import { noArchive } from './no-archive.ts'
import { GNU_SPARSE, readGnuMap, readPaxMap, type SparseMap } from './tar-sparse.ts'

export const BLOCK = 512

const TYPE_FLAG = 156

/** Of one header with its extensions: 64 KiB, where a path has at most four. */
const MAX_BLOCKS = 128

export interface Header extends TarHeader {
  /** Of a file whose holes are left out; its size is that of what is stored. */
  readonly sparse?: SparseMap | undefined
}

/** The cursor stands before the content then. `undefined` at the end. */
export async function readHeader(cursor: Cursor): Promise<Header | undefined> {
  const { readable, writable } = createTarDecoder({ strict: true })
  const reader = readable.getReader()
  const writer = writable.getWriter()
  let entry: ParsedTarEntry | undefined
  // An entry is told in the very turn in which the last block of its header is taken.
  reader.read().then(({ value }) => (entry = value), ignore)
  const start = cursor.position
  let block = new Uint8Array()
  for (let blocks = 0; !entry; blocks++) {
    block = await cursor.read(BLOCK)
    if (blocks === 0 && (block.length === 0 || isEmpty(block))) return undefined
    if (start === 0 && blocks === 0 && !isHeader(block)) throw noArchive(block)
    if (block.length < BLOCK) throw invalidArchive('the tar is cut off within a header')
    if (blocks === MAX_BLOCKS) throw invalidArchive(`the header at ${start} of the tar is too long`)
    await writer.write(block).catch((cause) => {
      throw invalidArchive(`the tar is damaged: no header at byte ${start}; get it again`, cause)
    })
  }
  await reader.cancel()
  return withMap(cursor, entry.header, block)
}

/** What the library does not know. `block` is the last of the header. */
async function withMap(cursor: Cursor, header: TarHeader, block: Uint8Array): Promise<Header> {
  const { pax = {} } = header
  const name = pax['GNU.sparse.name'] ?? header.name
  const shown = JSON.stringify(name.slice(0, 256))
  const start = cursor.position
  if (block[TYPE_FLAG] === GNU_SPARSE) return { ...header, sparse: await readGnuMap(cursor, block, shown) }
  const sparse = await readPaxMap(cursor, pax, shown)
  return sparse ? { ...header, name, size: header.size - (cursor.position - start), sparse } : header
}

/** What every tar since 1988 says of itself; an older one has a mode in digits at this place. */
const isHeader = (block: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(block.subarray(257, 262)) === 'ustar' ||
  /^[ 0-7]{6,7}[ \0]/.test(new TextDecoder('latin1').decode(block.subarray(100, 108)))

const isEmpty = (block: Uint8Array): boolean => block.every((byte) => byte === 0)

/** The write that fails at the same time tells it. */
const ignore = (): void => {}
