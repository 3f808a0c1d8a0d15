/**
 * Archives that are dropped on the page: of an image with a history, labels, several platforms, a signature and an SBOM.
 * They are small, and have the same digests everywhere.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import { digestOf, encodedOf } from '../../../../src/core/oci/digest.ts'
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { incompressible, makeLayer } from '../../../fixtures/layer.ts'
import { run } from '../../../support/command.ts'

const CREATED = '2026-11-02T09:12:00Z'

/** Instructions with the bytes of their layers; without bytes, there is no layer. */
const HISTORY: readonly (readonly [instruction: string, bytes: number])[] = [
  ['ADD alpine-minirootfs-3.22.1.tar.gz / # buildkit', 3_600_000],
  ['CMD ["/bin/sh"]', 0],
  ['ENV HTTPD_VERSION=2.4.65', 0],
  [
    'RUN /bin/sh -c set -eux     && addgroup -g 82 -S www-data     && adduser -u 82 -D -S -G www-data www-data     && apk add --no-cache apr apr-util ca-certificates     && mkdir -p "$HTTPD_PREFIX" # buildkit',
    5_200_000,
  ],
  ['COPY httpd-foreground /usr/local/bin/ # buildkit', 1_200],
  ['EXPOSE map[80/tcp:{}]', 0],
  ['ENTRYPOINT ["httpd-foreground"]', 0],
]

const CONFIG = {
  Env: ['PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', 'HTTPD_VERSION=2.4.65'],
  Entrypoint: ['httpd-foreground'],
  User: 'www-data',
  WorkingDir: '/usr/local/apache2',
  ExposedPorts: { '80/tcp': {} },
  StopSignal: 'SIGWINCH',
  Labels: {
    'org.opencontainers.image.title': 'httpd',
    'org.opencontainers.image.source': 'https://git.example/httpd',
  },
}

/** An OCI layout tar with two platforms under `name`, signed, with an SBOM. */
export async function makeLayoutArchive(folder: string, name: string): Promise<string> {
  const files = createFiles()
  const platforms = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64', variant: 'v8' },
  ]
  const manifests: Descriptor[] = []
  for (const platform of platforms) {
    const { config, layers } = await addImage(files, platform)
    manifests.push({ ...(await files.addManifest(OCI_MANIFEST, { config, layers })), platform })
  }
  const annotations = { 'org.opencontainers.image.version': '2.4.65' }
  const index = await files.addManifest(OCI_INDEX, { manifests, annotations })
  const referrers = [
    await addArtifact(files, 'application/vnd.dev.sigstore.bundle.v0.3+json', '{"signature":"…"}', index),
    await addArtifact(files, 'application/spdx+json', '{"spdxVersion":"SPDX-2.3"}', index),
  ]
  const named = { ...index, annotations: { 'org.opencontainers.image.ref.name': name } }
  files.addJson('index.json', { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [named, ...referrers] })
  files.addJson('oci-layout', { imageLayoutVersion: '1.0.0' })
  return await files.write(folder, 'layout.tar')
}

/**
 * What `docker save` writes: layers as plain tars. `names` as in RepoTags.
 *
 * @param fileName - `.gz` compresses it
 * @param scale - of its layers; another scale makes another image
 */
export async function makeDockerArchive(
  folder: string,
  names: readonly string[],
  fileName: string,
  scale = 1,
): Promise<string> {
  const files = createFiles()
  const { config, layers } = await addImage(files, { os: 'linux', architecture: 'amd64' }, 'none', scale)
  const pathOf = ({ digest }: Descriptor) => `blobs/sha256/${digest.slice('sha256:'.length)}`
  files.addJson('manifest.json', [{ Config: pathOf(config), RepoTags: names, Layers: layers.map(pathOf) }])
  return await files.write(folder, fileName)
}

async function addImage(files: Files, platform: object, compression: 'gzip' | 'none' = 'gzip', scale = 1) {
  const layers: Descriptor[] = []
  const diffIds: string[] = []
  for (const [instruction, size] of HISTORY.filter(([, size]) => size > 0)) {
    const bytes = incompressible(Math.round(size * scale), instruction + JSON.stringify(platform))
    const layer = await makeLayer({ [`srv/${size}`]: bytes }, compression)
    const suffix = compression === 'gzip' ? '+gzip' : ''
    layers.push(await files.add(`application/vnd.oci.image.layer.v1.tar${suffix}`, layer.bytes))
    diffIds.push(layer.diffId)
  }
  const history = HISTORY.map(([created_by, size]) => ({
    created: CREATED,
    created_by,
    ...(size === 0 && { empty_layer: true }),
  }))
  const rootfs = { type: 'layers', diff_ids: diffIds }
  const document = {
    created: CREATED,
    author: 'The httpd team',
    ...platform,
    config: CONFIG,
    rootfs,
    history,
  }
  const config = await files.add('application/vnd.oci.image.config.v1+json', JSON.stringify(document))
  return { config, layers }
}

async function addArtifact(files: Files, artifactType: string, content: string, subject: Descriptor) {
  const config = await files.add('application/vnd.oci.empty.v1+json', '{}')
  const layers = [await files.add(artifactType, content)]
  return await files.addManifest(OCI_MANIFEST, { artifactType, config, layers, subject })
}

type Files = ReturnType<typeof createFiles>

/** The files of an archive, blobs by their digests. */
function createFiles() {
  const contents = new Map<string, Uint8Array | string>()
  const add = async (mediaType: string, content: Uint8Array | string): Promise<Descriptor> => {
    const bytes = Buffer.from(content)
    const digest = await digestOf(bytes)
    contents.set(`blobs/sha256/${encodedOf(digest)}`, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  return {
    add,
    addManifest: (mediaType: string, document: object) =>
      add(mediaType, JSON.stringify({ schemaVersion: 2, mediaType, ...document })),
    addJson: (path: string, document: object) => contents.set(path, JSON.stringify(document)),
    async write(folder: string, fileName: string): Promise<string> {
      const root = join(folder, `${fileName}.d`)
      for (const [path, content] of contents) {
        await mkdir(dirname(join(root, path)), { recursive: true })
        await writeFile(join(root, path), content)
      }
      const archive = join(folder, fileName)
      await run('tar', ['-C', root, '--auto-compress', '-cf', archive, '.'])
      return archive
    },
  }
}
