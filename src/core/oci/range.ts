/**
 * Byte ranges: `Range` of a pull (RFC 9110, section 14) and `Content-Range` of an upload's chunk.
 */
import { RegistryError } from './error.ts'

/** Both ends inclusive, as on the wire. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export const lengthOf = (range: ByteRange): number => range.end - range.start + 1

/** More than any client requests; a header with more ranges is ignored, as RFC 9110 section 14.2 allows. */
const MAX_RANGES = 1024

/**
 * The ranges that `header` requests of `size` bytes, clipped to them.
 *
 * `undefined` means "send everything": there is no header, it has another unit or is malformed, the ranges together are
 * larger than the content (RFC 9110, section 14.2 lets a server defend itself against that), or it is a suffix of empty
 * content: a suffix is always satisfiable (section 14.1.2), but `Content-Range` can't express zero bytes.
 *
 * @throws RegistryError RANGE_INVALID if no range overlaps the content
 */
export function parseRange(header: string | null | undefined, size: number): ByteRange[] | undefined {
  if (!header) return undefined
  const match = /^bytes=(.*)$/i.exec(header.trim())
  const specs = match?.[1]?.split(',').map((spec) => spec.trim())
  if (!specs || specs.length > MAX_RANGES) return undefined
  const parsed = specs.filter((spec) => spec !== '').map((spec) => parseSpec(spec, size))
  if (parsed.length === 0 || parsed.includes('malformed') || parsed.includes('empty')) return undefined
  const ranges = parsed.filter((range) => typeof range === 'object')
  if (ranges.length === 0) throw notSatisfiable(size)
  const total = ranges.reduce((sum, range) => sum + lengthOf(range), 0)
  return total > size && ranges.length > 1 ? undefined : ranges
}

/** The response's `Content-Range` for one range. */
export const formatContentRange = (range: ByteRange, size: number): string =>
  `bytes ${range.start}-${range.end}/${size}`

/**
 * The position of a chunk in its upload, `start-end` without a unit. A prefix `bytes ` and a suffix `/size` are accepted,
 * because some clients send them.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks
 * @throws RegistryError RANGE_INVALID
 */
export function parseContentRange(header: string): ByteRange {
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d{1,15}|\*))?$/.exec(header.trim())
  const range = match && { start: Number(match[1]), end: Number(match[2]) }
  if (range && range.start <= range.end) return range
  throw new RegistryError('RANGE_INVALID', 'Content-Range is not start-end', {
    detail: header.slice(0, 128),
    status: match ? 416 : 400,
  })
}

function parseSpec(part: string, size: number): ByteRange | 'malformed' | 'beyond' | 'empty' {
  const match = /^(\d{0,20})-(\d{0,20})$/.exec(part)
  if (!match || part === '-') return 'malformed'
  const [first, last] = [match[1], match[2]]
  if (first === '') return suffix(Number(last), size)
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start <= end ? { start, end } : 'beyond'
}

function suffix(length: number, size: number): ByteRange | 'beyond' | 'empty' {
  if (length === 0) return 'beyond'
  return size === 0 ? 'empty' : { start: Math.max(0, size - length), end: size - 1 }
}

function notSatisfiable(size: number): RegistryError {
  return new RegistryError('RANGE_INVALID', 'requested range not satisfiable', {
    headers: { 'content-range': `bytes */${size}` },
  })
}
