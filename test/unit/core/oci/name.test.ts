import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../../src/core/oci/error.ts'
import {
  isName,
  isTag,
  parseReference,
  requireName,
  requireReference,
  requireTag,
} from '../../../../src/core/oci/name.ts'
import { digestOf } from '../../../support/push.ts'

const DIGEST = digestOf('')

describe('a name', () => {
  it.each(['a', '0', 'a/b', 'a.b', 'a_b', 'a__b', 'a-b', 'a---b', 'a/b-c/d__e/0.1', 'x'.repeat(255)])(
    'may be %s',
    (text) => {
      expect(isName(text)).toBe(true)
      expect(requireName(text)).toBe(text)
    },
  )

  it.each([
    '',
    '/',
    'A',
    'a/',
    '/a',
    'a//b',
    '.a',
    'a.',
    'a..b',
    '_a',
    'a_',
    'a___b',
    '-a',
    'a-',
    'a._b',
    'a b',
    'a\n',
    'ä',
    '../a',
    'a/../b',
    'host:5000/a',
    'x'.repeat(256),
  ])('is not %j', (text) => {
    expect(isName(text)).toBe(false)
    expect(() => requireName(text)).toThrow(expect.objectContaining({ code: 'NAME_INVALID', status: 400 }))
  })

  const alphanumeric = fc.string({
    unit: fc.constantFrom(...'abcxyz0189'),
    minLength: 1,
    maxLength: 5,
  })
  const separator = fc.constantFrom('.', '_', '__', '-', '--', '/')

  it('is made of components and separators', () => {
    const rest = fc.array(fc.tuple(separator, alphanumeric), { maxLength: 8 })
    fc.assert(
      fc.property(alphanumeric, rest, (first, rest) => {
        expect(isName([first, ...rest.flat()].join(''))).toBe(true)
      }),
    )
  })

  it('is read in no time, whatever the text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '-', '_', '.', '/', 'A', '%'), maxLength: 5000 })
    fc.assert(fc.property(text, (text) => void isName(text)))
  })
})

describe('a tag', () => {
  it.each(['a', '_', '1.0', 'A-b.C_d', 'latest', 'v'.repeat(128)])('may be %s', (text) => {
    expect(isTag(text)).toBe(true)
    expect(requireTag(text)).toBe(text)
  })

  it.each(['', '.a', '-a', 'a:b', 'a/b', 'a b', 'a+b', 'ä', 'a\n', 'v'.repeat(129)])('is not %j', (text) => {
    expect(isTag(text)).toBe(false)
    expect(() => requireTag(text)).toThrow(expect.objectContaining({ code: 'TAG_INVALID', status: 400 }))
  })
})

describe('a reference', () => {
  it.each([
    ['latest', { tag: 'latest' }],
    ['sha256', { tag: 'sha256' }],
    [DIGEST.replace(':', '-'), { tag: DIGEST.replace(':', '-') }],
    [DIGEST, { digest: DIGEST }],
    [digestOf('', 'sha512'), { digest: digestOf('', 'sha512') }],
  ])('%s is %j', (text, expected) => {
    expect(parseReference(text)).toEqual(expected)
    expect(requireReference(text)).toEqual(expected)
  })

  it.each([
    ['sha256:baddigeststring', 'DIGEST_INVALID'],
    [':', 'DIGEST_INVALID'],
    ['', 'TAG_INVALID'],
    ['-1', 'TAG_INVALID'],
  ])('%j is none: %s', (text, code) => {
    expect(parseReference(text)).toBeUndefined()
    expect(() => requireReference(text)).toThrow(expect.objectContaining({ code }))
  })

  it('is a tag, a digest or nothing for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const reference = parseReference(text)
        if (reference) expect(reference.tag ?? reference.digest).toBe(text)
        else expect(() => requireReference(text)).toThrow(RegistryError)
      }),
    )
  })
})
