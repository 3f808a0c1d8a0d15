/**
 * The certificate under which a peer serves blobs by HTTPS. Nobody else signs it: whoever connects knows its
 * fingerprint from the peer itself, over libp2p. It lives as long as the process and is stored nowhere.
 */
import 'reflect-metadata' // a part of the library below looks for it
import { createHash, KeyObject } from 'node:crypto'
import { X509CertificateGenerator } from '@peculiar/x509'

export interface Certificate {
  /** PKCS #8, as PEM. */
  readonly key: string
  /** X.509, as PEM. */
  readonly certificate: string
  /** The sha-256 of its DER form, in hexadecimal. */
  readonly fingerprint: string
}

/** ECDSA over P-256: what every TLS library has, and the fastest to sign with. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export async function createCertificate(): Promise<Certificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const settings = {
    name: 'CN=flotilla',
    keys,
    signingAlgorithm: ALGORITHM,
    // No one looks at the dates, and the clocks of peers differ.
    notBefore: new Date('2000-01-01'),
    notAfter: new Date('9999-12-31'),
  }
  // Named, because libp2p sets another for the whole process, which does not take these keys.
  const certificate = await X509CertificateGenerator.createSelfSigned(settings, crypto)
  return {
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: certificate.toString('pem'),
    fingerprint: createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex'),
  }
}
