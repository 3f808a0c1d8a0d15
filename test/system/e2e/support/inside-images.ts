/**
 * Images with interesting content: two builds that share most of their layers, with files that later layers hide,
 * malicious names, an SBOM, provenance, and a signature under a cosign tag.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { type Asked, pushBlob, pushManifest } from '../../../support/push.ts'
import { type Entries, tarOf } from '../../../unit/core/archive/tars.ts'

const LAYER = 'application/vnd.oci.image.layer.v1.tar'
const CONFIG = 'application/vnd.oci.image.config.v1+json'

type Pack = '' | '+gzip' | '+zstd'

const PACKERS: Readonly<Record<Pack, (tar: Uint8Array) => Uint8Array>> = {
  '': (tar) => tar,
  '+gzip': gzipSync,
  '+zstd': zstdCompressSync,
}

/** Names that try to be executed, or to look like others. */
export const HOSTILE_TEXT = '<img src=x onerror="document.title=`run`">\u001b[0m\u202ehidden\n'

const base: Entries = [
  ['etc/', { type: 'directory', mode: 0o755 }],
  ['etc/motd', 'Welcome\n'],
  ['usr/bin/tool', new Uint8Array(300_000).fill(7)],
  ['var/cache/index', new Uint8Array(500_000).fill(8)],
  ['bin', { type: 'symlink', linkname: 'usr/bin' }],
]
const app: Entries = [
  ['app/server.js', 'listen(8080)\n'],
  ['app/notes\u001b[31m\u202egnp.txt', HOSTILE_TEXT],
  ['app/<b>bold', 'x'],
  ['../../escaped', 'x'],
]
const otherApp: Entries = [
  ['app/server.js', 'listen(9090)\n'],
  ['app/added.txt', 'new\n'],
]
const cleanup: Entries = [['var/.wh.cache', '']]

const HISTORY = ['ADD rootfs.tar /', 'COPY . /app', 'RUN rm -rf /var/cache'].map((created_by) => ({
  created_by,
}))

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** The key that the image `1` is signed with. */
export const PUBLIC_KEY = keys.publicKey.export({ type: 'spki', format: 'pem' }) as string

export async function pushInsideImages(registry: Asked, name: string): Promise<void> {
  const layers = [await pushLayer(registry, name, base, '+gzip')]
  const ends = await pushLayer(registry, name, cleanup, '')
  const one = [...layers, await pushLayer(registry, name, app, '+zstd'), ends]
  const two = [...layers, await pushLayer(registry, name, otherApp, ''), ends]
  const image = await pushBuild(registry, name, '1', one, { Env: ['PATH=/bin', 'MODE=a'] })
  await pushBuild(registry, name, '2', two, { Env: ['PATH=/bin', 'MODE=b'], User: 'node' })
  await pushSbom(registry, name, image)
  await pushSignature(registry, name, image)
  await pushAttested(registry, name, image)
}

async function pushLayer(registry: Asked, name: string, entries: Entries, pack: Pack): Promise<Descriptor> {
  const bytes = new Uint8Array(PACKERS[pack](await tarOf(entries)))
  return pushBlob(registry, name, bytes, `${LAYER}${pack}`)
}

async function pushBuild(
  registry: Asked,
  name: string,
  tag: string,
  layers: readonly Descriptor[],
  config: object,
): Promise<Descriptor> {
  const Labels = {
    'org.opencontainers.image.source': 'https://git.example/app',
    'org.example.readme': '# App\n\nHow to run it.',
  }
  const document = {
    os: 'linux',
    architecture: 'amd64',
    created: '2026-01-02T03:04:05Z',
    config: { Cmd: ['node'], Labels, ...config },
    history: HISTORY,
  }
  const described = await pushBlob(registry, name, JSON.stringify(document), CONFIG)
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: described, layers }
  return pushManifest(registry, name, manifest, tag)
}

async function pushSbom(registry: Asked, name: string, subject: Descriptor): Promise<void> {
  const packages = Array.from({ length: 150 }, (_, number) => ({
    name: `package-${number}`,
    versionInfo: `1.${number}`,
    licenseDeclared: number === 7 ? 'GPL-3.0-only' : 'MIT',
  }))
  const document = {
    spdxVersion: 'SPDX-2.3',
    name: 'app',
    creationInfo: { creators: ['Tool: syft'] },
    packages,
  }
  await pushAttached(registry, name, 'application/spdx+json', JSON.stringify(document), { subject })
}

async function pushSignature(registry: Asked, name: string, { digest }: Descriptor): Promise<void> {
  const critical = { image: { 'docker-manifest-digest': digest }, type: 'cosign container image signature' }
  const payload = JSON.stringify({ critical, optional: { who: 'the builder' } })
  const signature = sign('sha256', Buffer.from(payload), keys.privateKey).toString('base64')
  await pushAttached(registry, name, 'application/vnd.dev.cosign.simplesigning.v1+json', payload, {
    layer: { annotations: { 'dev.cosignproject.cosign/signature': signature } },
    tag: `${digest.replace(':', '-')}.sig`,
  })
}

/** An index with the image and its attestations, as BuildKit makes it. */
async function pushAttested(registry: Asked, name: string, image: Descriptor): Promise<void> {
  const type = 'https://slsa.dev/provenance/v0.2'
  const statement = {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: type,
    subject: [{ name: 'app', digest: { sha256: image.digest.slice('sha256:'.length) } }],
    predicate: {
      builder: { id: 'https://ci.example/run/7' },
      materials: [{ uri: 'https://git.example/app', digest: { sha1: 'c'.repeat(40) } }],
    },
  }
  const attestation = await pushAttached(
    registry,
    name,
    'application/vnd.in-toto+json',
    JSON.stringify(statement),
    {
      layer: { annotations: { 'in-toto.io/predicate-type': type } },
    },
  )
  const manifests = [
    { ...image, platform: { os: 'linux', architecture: 'amd64' } },
    {
      ...attestation,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.digest': image.digest },
    },
  ]
  await pushManifest(registry, name, { schemaVersion: 2, mediaType: OCI_INDEX, manifests }, 'attested')
}

async function pushAttached(
  registry: Asked,
  name: string,
  mediaType: string,
  content: string,
  { subject, layer = {}, tag }: { subject?: Descriptor; layer?: object; tag?: string } = {},
): Promise<Descriptor> {
  const config = await pushBlob(registry, name, '{}', 'application/vnd.oci.empty.v1+json')
  const blob = { ...(await pushBlob(registry, name, content, mediaType)), ...layer }
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...(subject && { artifactType: mediaType, subject }),
    config,
    layers: [blob],
  }
  return pushManifest(registry, name, manifest, tag)
}
