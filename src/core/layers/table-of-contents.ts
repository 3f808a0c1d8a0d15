/**
 * The table of contents of a layer made for lazy pulling: eStargz, zstd:chunked. It is only used if the manifest names its
 * digest, so that everybody with this image sees the same table.
 *
 * @see https://github.com/containerd/stargz-snapshotter/blob/main/docs/estargz.md
 * @see https://github.com/containers/storage/blob/main/docs/containers-storage-zstd-chunked.md
 */
import { decompressed } from '../archive/tar/compression.ts'
import { createStreamCursor } from '../archive/tar/cursor.ts'
import { type Decompress, decompress as inJavaScript } from '../archive/tar/decompress.ts'
import { readHeader } from '../archive/tar/header.ts'
import type { Sliceable } from '../client/sliceable.ts'
import { isObject } from '../oci/descriptor.ts'
import { digestOf } from '../oci/digest.ts'
import { parseJson } from '../oci/json.ts'
import { type Entry, type Kind, pathOf } from './entry.ts'
import { HASH_LENGTH, type InvalidName } from './read-layer.ts'

type Annotations = Readonly<Record<string, string>>

/** Annotation of the layer's descriptor with the digest of the table. */
const ESTARGZ_DIGEST = 'containerd.io/snapshot/stargz/toc.digest'

/** Podman before 4.4 wrote the second prefix. */
const CHUNKED = ['io.github.containers.zstd-chunked', 'io.containers.zstd-chunked'] as const

/** For a decompressed table. */
const MAX_TABLE_BYTES = 64 * 1024 * 1024

/** `undefined` if there is no verified table; the layer itself has to be read then. */
export async function readTableOfContents(
  layer: Sliceable,
  annotations: Annotations | undefined,
  decompress: Decompress = inJavaScript,
): Promise<(Entry | InvalidName)[] | undefined> {
  try {
    const bytes = await tableIn(layer, annotations ?? {}, decompress)
    const table = bytes && parseJson(bytes)
    const entries = isObject(table) ? table['entries'] : undefined
    return Array.isArray(entries) ? entries.filter(isObject).flatMap(entryOf) : undefined
  } catch {
    return undefined
  }
}

async function tableIn(layer: Sliceable, annotations: Annotations, decompress: Decompress) {
  const stargz = annotations[ESTARGZ_DIGEST]
  if (stargz !== undefined) return stargzTable(layer, stargz, decompress)
  const chunked = find(annotations, 'manifest-checksum')
  const position = find(annotations, 'manifest-position')
  if (chunked === undefined || position === undefined) return undefined
  return chunkedTable(layer, chunked, position.split(':').map(Number), decompress)
}

const find = (annotations: Annotations, key: string): string | undefined =>
  CHUNKED.map((prefix) => annotations[`${prefix}.${key}`]).find(Boolean)

const FOOTER_BYTES = 51

/** The footer, an empty gzip member, says where the member with the table begins: a tar with one file. */
async function stargzTable(layer: Sliceable, digest: string, decompress: Decompress) {
  const end = layer.size - FOOTER_BYTES
  const footer = new TextDecoder('latin1').decode(await layer.slice(end).arrayBuffer())
  const [, offset] = /^.{16}([0-9a-f]{16})STARGZ/s.exec(footer) ?? []
  if (offset === undefined) return undefined
  const member = layer.slice(Number.parseInt(offset, 16), end)
  const cursor = createStreamCursor(decompressed(member, 'gzip', 'the table', decompress))
  try {
    const header = await readHeader(cursor)
    return header && (await checked(await cursor.read(Math.min(header.size, MAX_TABLE_BYTES)), digest))
  } finally {
    await cursor.cancel()
  }
}

async function chunkedTable(
  layer: Sliceable,
  digest: string,
  [offset = Number.NaN, length = Number.NaN, size = Number.NaN, kind]: number[],
  decompress: Decompress,
) {
  if (kind !== 1 || !(length <= MAX_TABLE_BYTES && size <= MAX_TABLE_BYTES)) return undefined
  const packed = new Uint8Array(await layer.slice(offset, offset + length).arrayBuffer())
  if (!(await checked(packed, digest))) return undefined
  const cursor = createStreamCursor(decompressed(new Blob([packed]), 'zstd', 'the table', decompress))
  return cursor.read(size).finally(() => cursor.cancel())
}

const checked = async (bytes: Uint8Array<ArrayBuffer>, digest: string) =>
  (await digestOf(bytes)) === digest ? bytes : undefined

const KINDS: Readonly<Record<string, Kind>> = {
  reg: 'file',
  dir: 'folder',
  symlink: 'symlink',
  hardlink: 'hardlink',
  char: 'device',
  block: 'device',
  fifo: 'pipe',
}

/** A file of several chunks has a line for each; the first describes the file. */
function entryOf(line: Record<string, unknown>): (Entry | InvalidName)[] {
  const kind = KINDS[String(line['type'])]
  const name = textIn(line['name'])
  if (!kind || name === undefined) return []
  const path = pathOf(name)
  if (!path) return [{ strange: name.slice(0, 1024) }]
  const isFile = kind === 'file'
  const target = textIn(line['linkName'])
  const hash = /^sha256:([0-9a-f]{64})$/.exec(textIn(line['digest']) ?? '')?.[1]?.slice(0, HASH_LENGTH)
  const entry: Entry = {
    path,
    kind,
    size: isFile ? numberIn(line['size']) : 0,
    mode: numberIn(line['mode']) & 0o7777,
    uid: numberIn(line['uid']),
    gid: numberIn(line['gid']),
    modified: Date.parse(textIn(line['modtime']) ?? ''),
    ...(target !== undefined && (kind === 'symlink' || kind === 'hardlink') && { target }),
    ...(isFile && { offset: { start: numberIn(line['offset']), skip: numberIn(line['innerOffset']) } }),
    ...(isFile && hash !== undefined && { hash }),
  }
  return [entry]
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const numberIn = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0
