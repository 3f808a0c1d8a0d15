/**
 * Sparse files (`tar --sparse`), whose holes are not stored in the tar: reads the map of the stored pieces, for which GNU
 * tar has four formats, and restores the file.
 *
 * @see https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html
 */

import { streamOf } from '../../blobs/streams.ts'
import { invalidArchive } from '../errors.ts'
import { type Cursor, createStreamCursor } from './cursor.ts'

/** A run of stored bytes, and where it begins in the file. */
interface Piece {
  readonly offset: number
  readonly size: number
}

export interface SparseMap {
  /** Bytes of the file, with its holes. */
  readonly size: number
  /** In the order in which they are stored. */
  readonly pieces: readonly Piece[]
}

type Pax = Readonly<Record<string, string>>

/** No image has a file of more pieces. */
const MAX_PIECES = 100_000

const BLOCK = 512
const CHUNK = 64 * 1024

/** The type flag `S` of GNU's own format, whose map is in the header and in blocks after it. */
export const GNU_SPARSE = 0x53
const IN_HEADER = { start: 386, pieces: 4, more: 482 }
const IN_BLOCK = { start: 0, pieces: 21, more: 504 }
const REAL_SIZE = 483

/** Moves the cursor from the end of the header to the end of the map. @param name - for messages */
export async function readGnuMap(cursor: Cursor, header: Uint8Array, name: string): Promise<SparseMap> {
  const pieces: Piece[] = []
  let block = header
  for (let table = IN_HEADER; ; table = IN_BLOCK) {
    for (let at = table.start; at < table.start + table.pieces * 24; at += 24) {
      const size = numberAt(block, at + 12)
      if (size > 0) pieces.push({ offset: numberAt(block, at), size })
    }
    if (!block[table.more] || pieces.length > MAX_PIECES) break
    block = await cursor.read(BLOCK)
  }
  return checked({ size: numberAt(header, REAL_SIZE), pieces }, name)
}

/**
 * Reads a map from POSIX extended headers: version 1.0, whose map precedes the content, or 0.1. Version 0.0 repeats the
 * same key, and readers of such headers only keep the last value. `undefined` for a file without holes.
 */
export async function readPaxMap(cursor: Cursor, pax: Pax, name: string): Promise<SparseMap | undefined> {
  if (!Object.keys(pax).some((key) => key.startsWith('GNU.sparse.'))) return undefined
  const size = Number(pax['GNU.sparse.realsize'] ?? pax['GNU.sparse.size'])
  const map = pax['GNU.sparse.map']
  if (pax['GNU.sparse.major'] === '1') return checked({ size, pieces: await readLines(cursor, name) }, name)
  if (map !== undefined) return checked({ size, pieces: piecesOf(map.split(',').map(Number)) }, name)
  throw invalidArchive(`${name} is stored in an old sparse format; make the tar again without --sparse (-S)`)
}

/** The number of pieces, then the offset and size of each: one number per line, padded to a block. */
async function readLines(cursor: Cursor, name: string): Promise<Piece[]> {
  let text = ''
  for (;;) {
    const block = await cursor.read(BLOCK)
    text += new TextDecoder().decode(block)
    const [count, ...numbers] = text.split('\n').slice(0, -1).map(Number)
    if (count !== undefined && numbers.length >= 2 * count) return piecesOf(numbers.slice(0, 2 * count))
    if (block.length < BLOCK || !(count! <= MAX_PIECES)) throw damagedMap(name)
  }
}

const piecesOf = (numbers: readonly number[]): Piece[] =>
  numbers.flatMap((offset, at) => (at % 2 === 0 ? [{ offset, size: numbers[at + 1]! }] : []))

function numberAt(block: Uint8Array, at: number): number {
  const field = block.subarray(at, at + 12)
  if (field[0]! & 0x80) return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0)
  return Number.parseInt(new TextDecoder().decode(field), 8) || 0
}

/** Pieces must be in order and within the file. */
function checked(map: SparseMap, name: string): SparseMap {
  let end = 0
  for (const { offset, size } of map.pieces) {
    if (!(offset >= end && size >= 0)) throw damagedMap(name)
    end = offset + size
  }
  if (Number.isSafeInteger(map.size) && end <= map.size && map.pieces.length <= MAX_PIECES) return map
  throw damagedMap(name)
}

const damagedMap = (name: string) =>
  invalidArchive(
    `${name} is a sparse file whose map of holes is damaged; make the tar again without --sparse (-S)`,
  )

export const storedSizeOf = ({ pieces }: SparseMap): number => pieces.reduce((sum, { size }) => sum + size, 0)

/** The file with its holes. @param stored - its bytes in the tar */
export const withHoles = (stored: ReadableStream<Uint8Array>, map: SparseMap) => streamOf(fill(stored, map))

async function* fill(stored: ReadableStream<Uint8Array>, { size, pieces }: SparseMap) {
  const cursor = createStreamCursor(stored as ReadableStream<Uint8Array<ArrayBuffer>>)
  let position = 0
  try {
    for (const piece of [...pieces, { offset: size, size: 0 }]) {
      for (; position < piece.offset; position += CHUNK) {
        yield new Uint8Array(Math.min(CHUNK, piece.offset - position))
      }
      for (position = piece.offset; position < piece.offset + piece.size; ) {
        const chunk = await cursor.read(Math.min(CHUNK, piece.offset + piece.size - position))
        if (chunk.length === 0)
          throw invalidArchive('the tar is cut off within a sparse file; download it again')
        position += chunk.length
        yield chunk
      }
    }
  } finally {
    await cursor.cancel()
  }
}
