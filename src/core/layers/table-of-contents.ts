/**
 * The table of contents that a layer brings along for those who read it in parts: eStargz, zstd:chunked. It is taken
 * where the manifest names its digest, so that it is the same for everybody who has this image.
 *
 * @see https://github.com/containerd/stargz-snapshotter/blob/main/docs/estargz.md
 * @see https://github.com/containers/storage/blob/main/docs/containers-storage-zstd-chunked.md
 */
import { decompressed } from '../archive/compression.ts'
import { createStreamCursor } from '../archive/cursor.ts'
import { type Decompress, decompress as inJavaScript } from '../archive/decompress.ts'
import { readHeader } from '../archive/tar-header.ts'
import type { Sliceable } from '../client/sliceable.ts'
import { isObject } from '../oci/descriptor.ts'
import { digestOf } from '../oci/digest.ts'
import { parseJson } from '../oci/json.ts'
import { type Entry, type Kind, pathOf } from './entry.ts'
import { HASH_LENGTH, type StrangeName } from './read-layer.ts'

type Annotations = Readonly<Record<string, string>>

/** Where the digest of the table stands in the layer's descriptor. */
const ESTARGZ_DIGEST = 'containerd.io/snapshot/stargz/toc.digest'

/** The second as podman wrote it before 4.4. */
const CHUNKED = ['io.github.containers.zstd-chunked', 'io.containers.zstd-chunked'] as const

/** Of a table, unpacked. */
const MAX_TABLE = 64 * 1024 * 1024

/** `undefined` where there is none that can be relied upon: then the layer itself says what is in it. */
export async function readTableOfContents(
  layer: Sliceable,
  annotations: Annotations | undefined,
  decompress: Decompress = inJavaScript,
): Promise<(Entry | StrangeName)[] | undefined> {
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
  const place = find(annotations, 'manifest-position')
  if (chunked === undefined || place === undefined) return undefined
  return chunkedTable(layer, chunked, place.split(':').map(Number), decompress)
}

const find = (annotations: Annotations, key: string): string | undefined =>
  CHUNKED.map((prefix) => annotations[`${prefix}.${key}`]).find(Boolean)

const FOOTER = 51

/** The footer, an empty member of gzip, says where the member with the table begins, which is a tar of one file. */
async function stargzTable(layer: Sliceable, digest: string, decompress: Decompress) {
  const end = layer.size - FOOTER
  const footer = new TextDecoder('latin1').decode(await layer.slice(end).arrayBuffer())
  const [, offset] = /^.{16}([0-9a-f]{16})STARGZ/s.exec(footer) ?? []
  if (offset === undefined) return undefined
  const member = layer.slice(Number.parseInt(offset, 16), end)
  const cursor = createStreamCursor(decompressed(member, 'gzip', 'the table', decompress))
  try {
    const header = await readHeader(cursor)
    return header && (await checked(await cursor.read(Math.min(header.size, MAX_TABLE)), digest))
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
  if (kind !== 1 || !(length <= MAX_TABLE && size <= MAX_TABLE)) return undefined
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

/** Files of several chunks have a line for each, of which the first tells of the file. */
function entryOf(line: Record<string, unknown>): (Entry | StrangeName)[] {
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
    ...(isFile && { place: { start: numberIn(line['offset']), skip: numberIn(line['innerOffset']) } }),
    ...(isFile && hash !== undefined && { hash }),
  }
  return [entry]
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const numberIn = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0
