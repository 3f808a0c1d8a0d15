/**
 * Files whose holes are left out of the tar (`tar --sparse`): where their pieces belong, as GNU tar says it in four ways,
 * and the whole file again.
 *
 * @see https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html
 */

import { invalidArchive } from './archive-error.ts'
import { type Cursor, createStreamCursor } from './cursor.ts'
import { streamOf } from './stream-of.ts'

/** Bytes that are stored, and where they begin in the file. */
interface Piece {
  readonly offset: number
  readonly size: number
}

export interface SparseMap {
  /** Of the file, with its holes. */
  readonly size: number
  /** One behind the other, as they are stored. */
  readonly pieces: readonly Piece[]
}

type Pax = Readonly<Record<string, string>>

/** Files of more pieces are in no image. */
const MAX_PIECES = 100_000

const BLOCK = 512
const CHUNK = 64 * 1024

/** GNU's own format: in the header, and in blocks behind it. `S` is the type of its entry. */
export const GNU_SPARSE = 0x53
const IN_HEADER = { start: 386, pieces: 4, more: 482 }
const IN_BLOCK = { start: 0, pieces: 21, more: 504 }
const REAL_SIZE = 483

/** The cursor stands behind the header, and behind the map then. @param name - for messages */
export async function readGnuMap(cursor: Cursor, header: Uint8Array, name: string): Promise<SparseMap> {
  const pieces: Piece[] = []
  let block = header
  for (let place = IN_HEADER; ; place = IN_BLOCK) {
    for (let at = place.start; at < place.start + place.pieces * 24; at += 24) {
      const size = numberAt(block, at + 12)
      if (size > 0) pieces.push({ offset: numberAt(block, at), size })
    }
    if (!block[place.more] || pieces.length > MAX_PIECES) break
    block = await cursor.read(BLOCK)
  }
  return checked({ size: numberAt(header, REAL_SIZE), pieces }, name)
}

/**
 * In extended headers of POSIX: version 1.0, whose map stands before the content, or 0.1. Version 0.0 says the same key
 * again and again, which no reader of such headers keeps apart. `undefined` for a file without holes.
 */
export async function readPaxMap(cursor: Cursor, pax: Pax, name: string): Promise<SparseMap | undefined> {
  if (!Object.keys(pax).some((key) => key.startsWith('GNU.sparse.'))) return undefined
  const size = Number(pax['GNU.sparse.realsize'] ?? pax['GNU.sparse.size'])
  const map = pax['GNU.sparse.map']
  if (pax['GNU.sparse.major'] === '1') return checked({ size, pieces: await readLines(cursor, name) }, name)
  if (map !== undefined) return checked({ size, pieces: piecesOf(map.split(',').map(Number)) }, name)
  throw invalidArchive(`${name} is stored sparse in an old way; make the tar again without --sparse (-S)`)
}

/** How many pieces, and of each its offset and its size: a line each, up to the end of a block. */
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

/** Each piece behind the one before, and all within the file. */
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
  invalidArchive(`${name} is stored sparse, and the map of its holes is damaged`)

export const storedSizeOf = ({ pieces }: SparseMap): number => pieces.reduce((sum, { size }) => sum + size, 0)

/** The whole file; `stored` is what the tar has of it. */
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
        if (chunk.length === 0) throw invalidArchive('the tar is cut off in a file that is stored sparse')
        position += chunk.length
        yield chunk
      }
    }
  } finally {
    await cursor.cancel()
  }
}
