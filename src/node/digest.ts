/** Digests by OpenSSL at once: for something as small as a manifest, WebCrypto's hand-over to a thread costs more. */
import { hash } from 'node:crypto'
import type { Digest, DigestOf } from '../core/oci/digest.ts'

export const digestOf: DigestOf = async (bytes, algorithm = 'sha256') =>
  `${algorithm}:${hash(algorithm, bytes, 'hex')}` as Digest
