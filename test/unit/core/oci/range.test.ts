import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../../src/core/oci/error.ts'
import {
  type ByteRange,
  formatContentRange,
  lengthOf,
  parseContentRange,
  parseRange,
} from '../../../../src/core/oci/range.ts'

const range = (start: number, end: number): ByteRange => ({ start, end })

describe('a Range of 3000 bytes', () => {
  it.each<[string, ByteRange[]]>([
    ['bytes=500-1499', [range(500, 1499)]],
    ['bytes=500-', [range(500, 2999)]],
    ['bytes=-500', [range(2500, 2999)]],
    ['bytes=2000-5000', [range(2000, 2999)]],
    ['bytes=-5000', [range(0, 2999)]],
    ['bytes=0-0', [range(0, 0)]],
    ['bytes=0-0,-1', [range(0, 0), range(2999, 2999)]],
    ['bytes=5-6, 1-2', [range(5, 6), range(1, 2)]],
    ['bytes=1-2,5000-6000', [range(1, 2)]],
    ['BYTES=1-2', [range(1, 2)]],
    ['bytes= 1-2 , ', [range(1, 2)]],
    ['bytes=00001-2', [range(1, 2)]],
    [`bytes=-${'9'.repeat(20)}`, [range(0, 2999)]],
    [`bytes=-${'0'.repeat(19)}7`, [range(2993, 2999)]],
    [`bytes=1-${'9'.repeat(20)}`, [range(1, 2999)]],
    ['bytes=-0,-1', [range(2999, 2999)]],
    [`bytes=${'9'.repeat(20)}-,0-0`, [range(0, 0)]],
  ])('%s', (header, expected) => {
    expect(parseRange(header, 3000)).toEqual(expected)
  })

  it.each([
    undefined,
    null,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=,',
    'bytes=1',
    'bytes=a-b',
    'bytes=1-2,x',
    'bytes=1-2-3',
    'bytes=+1-2',
    'items=1-2',
    'bytes=0x1-2',
    `bytes=${'0-0,'.repeat(1025)}`,
    'bytes=0-,0-',
  ])('%s means everything', (header) => {
    expect(parseRange(header, 3000)).toBeUndefined()
  })

  it.each([
    'bytes=3000-',
    'bytes=5000-10000',
    'bytes=500-0',
    'bytes=-0',
    'bytes=3000-,9000-',
    `bytes=${'9'.repeat(20)}-`,
  ])('%s overlaps nothing', (header) => expectUnsatisfiable(header, 3000))
})

/** RFC 9110 section 14.1.2: a suffix above zero is satisfiable, a first position only where there is a byte. */
describe('a Range of nothing', () => {
  it.each([
    'bytes=-1',
    'bytes=-500',
    `bytes=-${'9'.repeat(20)}`,
    'bytes=0-,-1',
    'bytes=-1,-1',
    'bytes=-0,-2',
  ])('%s means everything', (header) => {
    expect(parseRange(header, 0)).toBeUndefined()
  })

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=0-99', 'bytes=1-', 'bytes=-0', 'bytes=0-0,5-9'])(
    '%s overlaps nothing',
    (header) => expectUnsatisfiable(header, 0),
  )

  it.each(['bytes=-', 'items=-1', 'bytes=-1,x', ''])('%s is none', (header) => {
    expect(parseRange(header, 0)).toBeUndefined()
  })
})

function expectUnsatisfiable(header: string, size: number): void {
  const headers = { 'content-range': `bytes */${size}` }
  expect(() => parseRange(header, size)).toThrow(
    expect.objectContaining({ code: 'RANGE_INVALID', status: 416, headers }),
  )
}

/** What RFC 9110 section 14.1.2 says of one range, in its own words. */
const within = (size: number) =>
  fc
    .tuple(fc.nat(size - 1), fc.nat(size - 1))
    .map(([one, other]) => range(Math.min(one, other), Math.max(one, other)))

const sizeAndRange = fc
  .integer({ min: 1, max: 1_000_000 })
  .chain((size) => fc.tuple(fc.constant(size), within(size)))

describe('any Range', () => {
  it('within the content is what it says, in every form', () => {
    fc.assert(
      fc.property(sizeAndRange, fc.nat(), ([size, { start, end }], beyond) => {
        expect(parseRange(`bytes=${start}-${end}`, size)).toEqual([range(start, end)])
        expect(parseRange(`bytes=${start}-`, size)).toEqual([range(start, size - 1)])
        expect(parseRange(`bytes=${start}-${size + beyond}`, size)).toEqual([range(start, size - 1)])
        expect(parseRange(`bytes=-${size - start}`, size)).toEqual([range(start, size - 1)])
      }),
    )
  })

  it('comes back from the Content-Range that answers it', () => {
    fc.assert(
      fc.property(sizeAndRange, ([size, expected]) => {
        expect(parseContentRange(formatContentRange(expected, size))).toEqual(expected)
        expect(parseContentRange(`${expected.start}-${expected.end}`)).toEqual(expected)
      }),
    )
  })

  it('never leads out of the content, nor to more than it', () => {
    const part = fc.oneof(
      fc.constantFrom('-', ',', ' ', 'bytes=', '='),
      fc.nat(50).map(String),
      fc.string({ maxLength: 3 }),
    )
    const header = fc.array(part, { maxLength: 12 }).map((parts) => `bytes=${parts.join('')}`)
    fc.assert(
      fc.property(header, fc.nat(40), (header, size) => {
        const ranges = rangesOrError(header, size)
        if (!Array.isArray(ranges)) return
        expect(ranges.length).toBeGreaterThan(0)
        for (const { start, end } of ranges) expect(0 <= start && start <= end && end < size).toBe(true)
        expect(ranges.map(lengthOf).reduce((sum, length) => sum + length)).toBeLessThanOrEqual(size)
      }),
      { numRuns: 1000 },
    )
  })
})

function rangesOrError(header: string, size: number) {
  try {
    return parseRange(header, size)
  } catch (error) {
    expect(error).toBeInstanceOf(RegistryError)
    return error
  }
}

describe('a Content-Range', () => {
  it.each(['0-4', 'bytes 0-4', 'bytes=0-4', '0-4/5', 'bytes 0-4/*', ' 0-4 '])('may be %j', (header) => {
    expect(parseContentRange(header)).toEqual(range(0, 4))
  })

  it.each([
    ['', 400],
    ['0', 400],
    ['-4', 400],
    ['0-', 400],
    ['a-b', 400],
    ['0-4,5-9', 400],
    ['bytes */5', 400],
    ['0-4/x', 400],
    ['1e3-2e3', 400],
    ['0-9999999999999999', 400],
    ['4-0', 416],
  ])('is not %j', (header, status) => {
    expect(() => parseContentRange(header)).toThrow(
      expect.objectContaining({ code: 'RANGE_INVALID', status }),
    )
  })

  it('is read from any text without a surprise', () => {
    const part = fc.oneof(fc.constantFrom('-', '/', '*', 'bytes ', '0', '17'), fc.string({ maxLength: 2 }))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        try {
          const { start, end } = parseContentRange(parts.join(''))
          expect(start <= end && Number.isSafeInteger(end)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(RegistryError)
        }
      }),
    )
  })
})
