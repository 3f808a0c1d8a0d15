/** The running hash of the browser against WebCrypto. */
import { describe, expect, it } from 'vitest'
import { createHash } from '../../src/browser/hash.ts'
import { digestOf } from '../../src/core/oci/digest.ts'

describe.each(['sha256', 'sha512'] as const)('the running hash %s', (algorithm) => {
  const bytes = crypto.getRandomValues(new Uint8Array(50_000))

  it('is that of all bytes, however they come', async () => {
    const hash = await createHash(algorithm)
    const cuts = [0, 0, 1, 64, 129, 20_000, bytes.length]
    for (const [index, cut] of cuts.entries()) hash.update(bytes.subarray(cut, cuts[index + 1] ?? cut))
    expect(`${algorithm}:${hash.digest()}`).toBe(await digestOf(bytes, algorithm))
  })

  it('goes on from a state, any number of times', async () => {
    const first = await createHash(algorithm)
    const state = first.update(bytes.subarray(0, 12_345)).save()
    first.update(bytes)
    for (let time = 0; time < 2; time++) {
      const hash = await createHash(algorithm, state)
      hash.update(bytes.subarray(12_345))
      expect(`${algorithm}:${hash.digest()}`).toBe(await digestOf(bytes, algorithm))
    }
  })
})
