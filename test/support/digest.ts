import { createHash } from 'node:crypto'
import type { Algorithm, Digest } from '../../src/core/oci/digest.ts'

/** By Node's own hash, so that tests do not check the registry's by itself. */
export const digestOf = (content: string | Uint8Array, algorithm: Algorithm = 'sha256'): Digest =>
  `${algorithm}:${createHash(algorithm).update(content).digest('hex')}` as Digest
