import { createPrivateKey, X509Certificate } from 'node:crypto'
import '@libp2p/webrtc' // changes the cryptography that the library for certificates uses
import { describe, expect, it } from 'vitest'
import { createCertificate } from '../../../../src/node/bulk/certificate.ts'

describe('a certificate', () => {
  it('is signed with its own key, on P-256', async () => {
    const { key, certificate } = await createCertificate()
    const read = new X509Certificate(certificate)
    expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(read.verify(read.publicKey)).toBe(true)
    expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(read.validFromDate.getTime()).toBeLessThan(Date.now() - 1e10)
    expect(read.validToDate.getTime()).toBeGreaterThan(Date.now() + 1e12)
  })

  it('has the fingerprint that TLS sees', async () => {
    const { certificate, fingerprint } = await createCertificate()
    const { fingerprint256 } = new X509Certificate(certificate)
    expect(fingerprint).toBe(fingerprint256.replaceAll(':', '').toLowerCase())
  })

  it('is another each time', async () => {
    expect((await createCertificate()).fingerprint).not.toBe((await createCertificate()).fingerprint)
  })
})
