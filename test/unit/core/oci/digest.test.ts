import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  algorithmOf,
  digestOf,
  encodedOf,
  hasDigestGrammar,
  isRegistered,
  parseDigest,
  requireDigest,
} from '../../../../src/core/oci/digest.ts'
import { RegistryError } from '../../../../src/core/oci/error.ts'

const SHA256 = `sha256:${'0a'.repeat(32)}`
const SHA384 = `sha384:${'0a'.repeat(48)}`
const SHA512 = `sha512:${'0a'.repeat(64)}`

describe('a digest', () => {
  it.each([SHA256, SHA512])('may be %s', (text) => {
    expect(parseDigest(text)).toBe(text)
    expect(requireDigest(text)).toBe(text)
    expect(isRegistered(text)).toBe(true)
    expect(`${algorithmOf(requireDigest(text))}:${encodedOf(requireDigest(text))}`).toBe(text)
  })

  it.each([
    ['', 'digest missing'],
    ['sha256', 'digest parsing failed'],
    [':', 'digest parsing failed'],
    ['sha256:', 'digest parsing failed'],
    [`:${'0'.repeat(64)}`, 'digest parsing failed'],
    [`sha256:${'0'.repeat(63)} `, 'digest parsing failed'],
    [` ${SHA256}`, 'digest parsing failed'],
    [`${SHA256}\n`, 'digest parsing failed'],
    [`SHA256:${'0'.repeat(64)}`, 'digest parsing failed'],
    [`sha256:${'0'.repeat(1000)}`, 'digest parsing failed'],
    [`tarsum.v1+sha256:${'0'.repeat(64)}`, 'digest algorithm tarsum.v1+sha256 is not known'],
    [`md5:${'0'.repeat(32)}`, 'digest algorithm md5 is not known'],
    [`constructor:${'0'.repeat(32)}`, 'digest algorithm constructor is not known'],
    [`sha256:${'0'.repeat(63)}`, 'digest has the wrong length or characters'],
    [`sha256:${'0'.repeat(65)}`, 'digest has the wrong length or characters'],
    [`sha256:${'A'.repeat(64)}`, 'digest has the wrong length or characters'],
    [`sha256:${'g'.repeat(64)}`, 'digest has the wrong length or characters'],
    [`sha512:${'0'.repeat(64)}`, 'digest has the wrong length or characters'],
    [SHA384, 'nothing is stored by sha384'],
  ])('is not %j: %s', (text, reason) => {
    expect(parseDigest(text)).toBeUndefined()
    expect(() => requireDigest(text)).toThrow(
      expect.objectContaining({ code: 'DIGEST_INVALID', message: reason, detail: text.slice(0, 256) }),
    )
  })

  it.each([
    [SHA384, true, true],
    [`tarsum.v1+sha256:${'0'.repeat(64)}`, true, false],
    ['multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8', true, false],
    ['sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564', true, false],
    ['a..b:c', false, false],
    ['a:b:c', false, false],
  ])('%s has the grammar of descriptors: %s, is registered: %s', (text, grammar, registered) => {
    expect(hasDigestGrammar(text)).toBe(grammar)
    expect(isRegistered(text)).toBe(registered)
  })

  it('is that of the bytes', async () => {
    const algorithm = fc.constantFrom('sha256' as const, 'sha512' as const)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), algorithm, async (bytes, algorithm) => {
        const digest = await digestOf(bytes as Uint8Array<ArrayBuffer>, algorithm)
        expect(digest).toBe(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`)
        expect(parseDigest(digest)).toBe(digest)
      }),
    )
  })

  it('is read from any text without a surprise', () => {
    const part = fc.oneof(fc.constantFrom('sha256', 'sha512', ':', '0'.repeat(64), '+', '\n'), fc.string())
    const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (text) => {
        const digest = parseDigest(text)
        if (digest) expect(digest).toMatch(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)
        else expect(() => requireDigest(text)).toThrow(RegistryError)
      }),
    )
  })
})
