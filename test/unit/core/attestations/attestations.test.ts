/** Documents that are attached to images: those of real programs, and malformed ones. */
import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAttached } from '../../../../src/core/attestations/attached.ts'
import { readCertificate } from '../../../../src/core/attestations/certificate.ts'
import { verify } from '../../../../src/core/attestations/verify.ts'
import { CERTIFICATE } from './certificate.ts'

const bytesOf = (document: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document))

const base64 = (text: string | Uint8Array): string => Buffer.from(text as string).toString('base64')

const read = (document: unknown, annotations?: Record<string, string>) =>
  readAttached(bytesOf(document), annotations)

const DIGEST = 'a'.repeat(64)

const statement = (predicateType: string, predicate: unknown) => ({
  _type: 'https://in-toto.io/Statement/v0.1',
  predicateType,
  subject: [{ name: 'pkg:docker/app@1', digest: { sha256: DIGEST } }],
  predicate,
})

const SPDX = {
  spdxVersion: 'SPDX-2.3',
  name: 'app',
  creationInfo: { created: '2026-01-01T00:00:00Z', creators: ['Tool: syft-1.2', 'Organization: Anchore'] },
  packages: [
    {
      name: 'musl',
      versionInfo: '1.2.5-r0',
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: 'MIT',
      externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:apk/alpine/musl@1.2.5-r0' }],
    },
    { name: 'own' },
  ],
}

const MUSL = { name: 'musl', version: '1.2.5-r0', licence: 'MIT', type: 'apk' }

const CYCLONE_DX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { timestamp: '2026-01-01T00:00:00Z', tools: { components: [{ name: 'trivy', version: '1' }] } },
  components: [
    {
      name: 'musl',
      version: '1.2.5-r0',
      purl: 'pkg:apk/alpine/musl@1.2.5-r0',
      licenses: [{ license: { id: 'MIT' } }],
      components: [{ group: '@types', name: 'node', version: '24', type: 'library' }],
    },
  ],
}

const SYFT = {
  artifacts: [{ name: 'musl', version: '1.2.5-r0', type: 'apk', licenses: [{ value: 'MIT' }] }],
  descriptor: { name: 'syft', version: '1.2' },
  schema: {
    version: '16',
    url: 'https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema.json',
  },
}

describe('an SBOM', () => {
  it.each([
    ['SPDX', SPDX, { format: 'SPDX 2.3', tools: ['syft-1.2', 'Organization: Anchore'] }],
    ['CycloneDX', CYCLONE_DX, { format: 'CycloneDX 1.6', tools: ['trivy 1'] }],
    ['Syft', SYFT, { format: 'Syft JSON 16', tools: ['syft 1.2'] }],
    ['SPDX of BuildKit', statement('https://spdx.dev/Document', SPDX), { format: 'SPDX 2.3' }],
    ['CycloneDX of cosign', statement('https://cyclonedx.org/bom', { Data: CYCLONE_DX }), {}],
    ['SPDX of an older cosign', statement('https://spdx.dev/Document', { Data: JSON.stringify(SPDX) }), {}],
  ])('of %s names packages', (_, document, more) => {
    expect(read(document)?.content).toMatchObject({ is: 'sbom', ...more })
    expect(read(document)?.content).toMatchObject({ packages: expect.arrayContaining([MUSL]) })
  })
})

describe('provenance', () => {
  const materials = [{ uri: 'pkg:docker/alpine@3', digest: { sha256: DIGEST } }]
  const source = { infos: [{ filename: 'Dockerfile', data: base64('FROM alpine') }] }

  it.each([
    [
      'https://slsa.dev/provenance/v0.2',
      {
        builder: { id: 'https://ci.example/run/1' },
        buildType: 'https://mobyproject.org/buildkit@v1',
        invocation: {
          configSource: {
            uri: 'https://git.example/app',
            digest: { sha1: 'b'.repeat(40) },
            entryPoint: 'Dockerfile',
          },
          parameters: { frontend: 'dockerfile.v0', args: { a: 1 } },
        },
        materials,
        metadata: {
          buildStartedOn: '2026-01-01T00:00:00Z',
          'https://mobyproject.org/buildkit@v1#metadata': { source },
        },
      },
    ],
    [
      'https://slsa.dev/provenance/v1',
      {
        buildDefinition: {
          buildType: 'https://mobyproject.org/buildkit@v1',
          externalParameters: {
            configSource: {
              uri: 'https://git.example/app',
              digest: { sha1: 'b'.repeat(40) },
              path: 'Dockerfile',
            },
            frontend: 'dockerfile.v0',
          },
          resolvedDependencies: materials,
        },
        runDetails: {
          builder: { id: 'https://ci.example/run/1' },
          metadata: { startedOn: '2026-01-01T00:00:00Z', buildkit_metadata: { source } },
        },
      },
    ],
  ])('of %s says who built what of what', (type, predicate) => {
    const attached = read(statement(type, predicate))
    expect(attached).toMatchObject({ subjects: [{ digests: [`sha256:${DIGEST}`] }], predicateType: type })
    expect(attached?.content).toMatchObject({
      is: 'provenance',
      builder: 'https://ci.example/run/1',
      buildType: 'https://mobyproject.org/buildkit@v1',
      source: { uri: 'https://git.example/app', digests: [`sha1:${'b'.repeat(40)}`], entry: 'Dockerfile' },
      materials: [{ uri: 'pkg:docker/alpine@3', digests: [`sha256:${DIGEST}`] }],
      started: '2026-01-01T00:00:00Z',
      parameters: expect.arrayContaining([['frontend', 'dockerfile.v0']]),
      instructions: [{ name: 'Dockerfile', text: 'FROM alpine' }],
    })
  })
})

describe('VEX', () => {
  it.each([
    [
      'OpenVEX',
      {
        '@context': 'https://openvex.dev/ns/v0.2.0',
        author: 'me',
        statements: [
          {
            vulnerability: { name: 'CVE-2026-1' },
            products: [{ '@id': 'pkg:oci/app' }],
            status: 'not_affected',
            justification: 'component_not_present',
          },
        ],
      },
    ],
    [
      'CycloneDX',
      {
        bomFormat: 'CycloneDX',
        vulnerabilities: [
          {
            id: 'CVE-2026-1',
            analysis: { state: 'not_affected', justification: 'component_not_present' },
            affects: [{ ref: 'pkg:oci/app' }],
          },
        ],
      },
    ],
  ])('of %s says what matters', (_, document) => {
    expect(read(document)?.content).toMatchObject({
      is: 'vex',
      statements: [
        {
          vulnerability: 'CVE-2026-1',
          status: 'not_affected',
          products: ['pkg:oci/app'],
          reason: 'component_not_present',
        },
      ],
    })
  })
})

/** What `cosign sign` writes. */
const SIMPLE = `{"critical":{"identity":{"docker-reference":"registry.example/app"},"image":{"docker-manifest-digest":"sha256:${DIGEST}"},"type":"cosign container image signature"},"optional":{"who":"me"}}`

const KEYS = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  Ed25519: generateKeyPairSync('ed25519'),
} as const

const pemOf = (kind: keyof typeof KEYS): string =>
  KEYS[kind].publicKey.export({ type: 'spki', format: 'pem' }) as string

const signed = (bytes: Uint8Array, kind: keyof typeof KEYS, isRaw = false): Uint8Array =>
  sign(kind === 'Ed25519' ? null : kind === 'P-384' ? 'sha384' : 'sha256', bytes, {
    key: KEYS[kind].privateKey,
    ...(isRaw && { dsaEncoding: 'ieee-p1363' as const }),
  })

describe('a signature', () => {
  const envelope = (kind: keyof typeof KEYS) => {
    const payload = JSON.stringify(statement('https://slsa.dev/provenance/v1', {}))
    const type = 'application/vnd.in-toto+json'
    const signature = signed(bytesOf(`DSSEv1 ${type.length} ${type} ${payload.length} ${payload}`), kind)
    return {
      payloadType: type,
      payload: base64(payload),
      signatures: [{ keyid: 'k', sig: base64(signature) }],
    }
  }
  const bundle = (kind: keyof typeof KEYS) => ({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: CERTIFICATE.replace(/-----[A-Z ]+-----|\s/g, '') },
      tlogEntries: [{ logIndex: '17', integratedTime: '1767323045' }],
    },
    dsseEnvelope: envelope(kind),
  })
  const notation = (kind: keyof typeof KEYS) => {
    const head = base64('{"alg":"ES256","io.cncf.notary.signingTime":"2026-01-02T03:04:05Z"}')
    const payload = base64(JSON.stringify({ targetArtifact: { digest: `sha256:${DIGEST}` } }))
    const signature = base64(signed(bytesOf(`${head}.${payload}`), kind, true))
    return {
      payload,
      protected: head,
      signature,
      header: { x5c: [CERTIFICATE.replace(/-----[A-Z ]+-----|\s/g, '')] },
    }
  }
  const cosign = (kind: keyof typeof KEYS) => ({
    'dev.cosignproject.cosign/signature': base64(signed(bytesOf(SIMPLE), kind)),
    'dev.sigstore.cosign/certificate': CERTIFICATE,
    'dev.sigstore.cosign/bundle': JSON.stringify({ Payload: { integratedTime: 1767323045, logIndex: 17 } }),
  })

  it.each([
    ['cosign', 'P-256', read(SIMPLE, cosign('P-256'))],
    ['cosign', 'P-384', read(SIMPLE, cosign('P-384'))],
    ['cosign', 'RSA', read(SIMPLE, cosign('RSA'))],
    ['cosign', 'Ed25519', read(SIMPLE, cosign('Ed25519'))],
    ['DSSE', 'P-256', read(envelope('P-256'))],
    ['Sigstore bundle', 'P-256', read(bundle('P-256'))],
    ['Notation', 'P-256', read(notation('P-256'))],
  ] as const)('of %s by %s is held to its key, and to no other', async (format, kind, attached) => {
    const [signature] = attached!.signatures
    expect(signature!.format).toBe(format)
    expect(attached!.subjects[0]?.digests).toEqual([`sha256:${DIGEST}`])
    expect(await verify(signature!.signed!, pemOf(kind))).toBe(true)
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    expect(await verify(signature!.signed!, other.export({ type: 'spki', format: 'pem' }) as string)).toBe(
      false,
    )
    const bytes = signature!.signed!.bytes.slice()
    bytes[40]! ^= 1
    expect(await verify({ ...signature!.signed!, bytes }, pemOf(kind))).toBe(false)
  })

  it.each(['no key', CERTIFICATE, '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])(
    'is not held to what is no key',
    async (pem) => {
      const [signature] = read(SIMPLE, cosign('P-256'))!.signatures
      await expect(verify(signature!.signed!, pem)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    },
  )

  it.each([
    ['cosign', read(SIMPLE, cosign('P-256'))],
    ['a bundle', read(bundle('P-256'))],
  ])('of %s says who signed, and when', (_, attached) => {
    expect(attached!.signatures[0]).toMatchObject({
      certificate: {
        issuer: 'O=sigstore.example, CN=intermediate',
        names: ['me@example.org', expect.stringContaining('workflows/build.yml')],
        identityProvider: 'https://token.actions.example.org',
      },
      time: '2026-01-02T03:04:05.000Z',
      timeBy: 'transparency log',
      logIndex: '17',
    })
  })

  it('says what the signer added', () => {
    expect(read(SIMPLE, cosign('P-256'))).toMatchObject({
      remarks: [['who', 'me']],
      subjects: [{ name: 'registry.example/app' }],
    })
  })
})

describe('what makes no sense', () => {
  it.each(['', 'null', '[]', '5', '\u0000', '{', '{"predicate":5,"subject":{},"packages":[null]}'])(
    'is read all the same: %j',
    (text) => expect(() => read(text)).not.toThrow(),
  )

  it('never fails, whatever is of the wrong type', () => {
    const keys = [
      'payload',
      'payloadType',
      'signatures',
      'critical',
      'predicate',
      'predicateType',
      'subject',
      'protected',
      'signature',
      'verificationMaterial',
      'spdxVersion',
      'packages',
      'bomFormat',
      'components',
      'vulnerabilities',
      'artifacts',
      'schema',
      'header',
      'dsseEnvelope',
      '@context',
      'statements',
    ]
    const value = fc.jsonValue({ maxDepth: 3 })
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value), (document) => void read(document)),
      { numRuns: 500 },
    )
  })

  it('is no certificate, wherever it is cut or changed', () => {
    const whole = Buffer.from(CERTIFICATE.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
    for (let index = 0; index < whole.length; index++) {
      const changed = Buffer.from(whole)
      changed[index]! ^= 0x55
      readCertificate(base64(changed))
      readCertificate(base64(whole.subarray(0, index)))
    }
  })
})
