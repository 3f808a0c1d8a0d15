/** Archives that other programs wrote are pushed, and those that are saved are read by other programs. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { digestsIn, digestsOf, readManifest, type StoredImage } from '../../fixtures/stored-image.ts'
import { run } from '../../support/command.ts'
import { startRegistry } from '../../support/registry-process.ts'
import { descriptorOf, layoutOf, MANIFEST, manifestOf, tarOf } from '../../unit/core/archive/tars.ts'
import { type ClientHome, openClientHome } from './client-home.ts'
import { imageNamed, images, isDocker } from './corpus.ts'
import { createSkopeo, locationOf } from './skopeo.ts'

const MAIN = fileURLToPath(new URL('../../../src/node/cli/main.ts', import.meta.url))

const flotilla = (...commandLine: string[]) => run(process.execPath, [MAIN, ...commandLine])

/** Those that an OCI archive can hold unchanged. */
const oci = images.filter((image) => image.transport === 'oci' && !isDocker(image))

/** Those that `docker save` can hold: it has no index, and knows no compression by zstd. */
const runnable = images.filter(
  ({ name, transport }) =>
    (transport === 'dir' && name === 'docker-image') ||
    (transport === 'oci' && ['big-layer', 'many-files'].includes(name)),
)

/** With an empty storage, unpacked and unshared, in `home`. */
const podmanIn = (home: ClientHome) => {
  const [root, runroot] = [join(home.path, 'storage'), join(home.path, 'run/storage')]
  const storage = ['--root', root, '--runroot', runroot, '--storage-driver', 'vfs']
  return (...commandLine: string[]) => run('podman', [...storage, ...commandLine], home.environment)
}

const configDigest = async (image: StoredImage): Promise<string> => (await readManifest(image)).config!.digest

describe('an OCI archive of skopeo', () => {
  test.each(oci)('is pushed and saved unchanged: $name:$tag', async (image) => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    const skopeo = createSkopeo(home)
    const [given, saved] = [join(home.path, 'given.tar'), join(home.path, 'saved.tar')]
    await skopeo.copy(locationOf(image), `oci-archive:${given}:app:${image.tag}`, '--preserve-digests')

    const pushed = await flotilla('push', given, '--to', registry.url)
    await flotilla('save', `app:${image.tag}`, '-o', saved, '--format', 'oci', '--from', registry.url)
    const folder = join(home.path, 'unpacked')
    await skopeo.copy(`oci-archive:${saved}`, `oci:${folder}:1`, '--preserve-digests')

    expect(pushed).toBe(`app:${image.tag}@${image.digest}`)
    expect(await digestsIn(join(folder, 'blobs', 'sha256'))).toEqual(await digestsOf(image))
  })
})

describe('a Docker archive', () => {
  test.each(runnable)('of skopeo keeps its image id: $name', async (image) => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    const skopeo = createSkopeo(home)
    const given = join(home.path, 'given.tar')
    await run('skopeo', ['copy', '-q', locationOf(image), `docker-archive:${given}:example.com/team/app:1`])

    const pushed = await flotilla('push', given, '--to', registry.url)
    const { folder } = await skopeo.pull(`${registry.host}/team/app:1`, 'dir')

    const manifest = await readFile(join(folder, 'manifest.json'))
    expect(pushed).toBe(`team/app:1@${sha256(manifest)}`)
    expect(JSON.parse(manifest.toString()).config.digest).toBe(await configDigest(image))
  })

  test('of podman keeps its image id', async () => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    const podman = podmanIn(home)
    const given = join(home.path, 'given.tar')
    const id = await podman('pull', '-q', locationOf(imageNamed('big-layer')))
    await podman('save', '-q', '--format', 'docker-archive', '-o', given, id)

    await flotilla('push', given, 'podman/app:2', '--to', registry.url)
    await podman('rmi', id)
    expect(await podman('pull', '-q', '--tls-verify=false', `${registry.host}/podman/app:2`)).toBe(id)
  })

  test('of podman holds several images under several names', async () => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    const podman = podmanIn(home)
    const given = join(home.path, 'given.tar')
    const [one, two] = [
      await podman('pull', '-q', locationOf(runnable.find(({ name }) => name === 'docker-image')!)),
      await podman('pull', '-q', locationOf(imageNamed('many-files'))),
    ]
    const names = ['docker.io/library/one:1', 'docker.io/library/one:latest', 'quay.io/team/two:2']
    await podman('tag', one, ...names.slice(0, 2))
    await podman('tag', two, names[2]!)
    await podman('save', '-q', '--format', 'docker-archive', '-m', '-o', given, ...names)

    await flotilla('push', given, '--to', registry.url)
    await podman('rmi', '--all', '--force')
    for (const [name, id] of [
      ['one:1', one],
      ['one:latest', one],
      ['team/two:2', two],
    ])
      expect(await podman('pull', '-q', '--tls-verify=false', `${registry.host}/${name}`)).toBe(id)
  })

  test.each(['docker-archive', 'oci-archive'])(
    'of skopeo (%s) holds an image without layers',
    async (transport) => {
      await using registry = await startRegistry()
      await using home = await openClientHome()
      const config =
        '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null},"history":null}'
      const manifest = manifestOf(config, [])
      const layout = layoutOf([descriptorOf(manifest, MANIFEST)], [manifest, config])
      const [made, given] = [join(home.path, 'made.tar'), join(home.path, 'given.tar')]
      await writeFile(made, await tarOf(layout))
      await run('skopeo', ['copy', '-q', `oci-archive:${made}`, `${transport}:${given}:app:1`])

      await flotilla('push', given, '--to', registry.url)
      const pulled = `docker://${registry.host}/app:1`
      const read = await run('skopeo', ['inspect', '--config', '--raw', '--tls-verify=false', pulled])
      expect(sha256(read)).toBe(sha256(config))
    },
  )

  test.each(runnable)('is loaded by podman and read by skopeo: $name', async (image) => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    const podman = podmanIn(home)
    const saved = join(home.path, 'saved.tar')
    await createSkopeo(home).push(image, `${registry.host}/team/app:${image.tag}`)
    await flotilla('save', `team/app:${image.tag}`, '-o', saved, '--from', registry.url)

    await podman('load', '-q', '-i', saved)
    const list = `docker-archive:${saved}:team/app:${image.tag}`
    const read = await run('skopeo', ['inspect', '--config', '--raw', list])
    const layout = join(home.path, 'layout')
    await run('skopeo', ['copy', '-q', '--preserve-digests', `oci-archive:${saved}`, `dir:${layout}`])

    const config = await configDigest(image)
    expect(`sha256:${await podman('images', '-q', '--no-trunc')}`).toContain(config)
    expect(sha256(read)).toBe(config)
    expect(await digestsIn(layout)).toEqual(await digestsOf(image))
  })
})

const sha256 = (content: string | Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`
