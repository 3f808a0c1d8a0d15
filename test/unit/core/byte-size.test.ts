import { expect, it } from 'vitest'
import { parseByteSize } from '../../../src/core/byte-size.ts'

it.each([
  ['0', 0],
  ['1024', 1024],
  ['10GiB', 10 * 2 ** 30],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['500MB', 500_000_000],
  ['7kB', 7000],
  ['2TiB', 2 * 2 ** 40],
])('reads %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes))

it.each(['', '-1', 'GiB', '1 gib', '1e9', '0x10', '1GiBB', '1  GiB', '99999999TiB', 'NaN', ' 1'])(
  'refuses "%s"',
  (text) => expect(parseByteSize(text)).toBeUndefined(),
)
