/**
 * The page from the first visit to a deleted image, the same in every engine: the main features work, with and without a
 * network.
 */
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { pushArchive } from '../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../src/core/archive/import/read-archive.ts'
import { createClient } from '../../../src/core/client/client.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { provideContent } from '../e2e/support/content.ts'
import { pullImage } from '../e2e/support/in-page.ts'
import { makeDockerArchive } from '../e2e/support/sample-image.ts'
import { type Site, servePage } from '../e2e/support/site.ts'
import {
  isControlled,
  isShown,
  listOf,
  pushAndRead,
  pushManifest,
  shownText,
  statusOf,
  type Way,
} from './in-page.ts'
import type { Engine, OpenBrowser } from './port.ts'

/** Imported as a file. */
const IMPORTED = { name: 'library/httpd', tag: '2.4.65' }
/** Imported as a file too, with a layer that is sent in chunks where streams cannot be sent. */
const COMPRESSED = { name: 'library/compressed', tag: '1' }
const COMPRESSED_SCALE = 3.5

const PUSHED = { name: 'by/fetch', tag: 'new' }

/** On the server from the start, pulled in each way. */
const SERVED = [
  { by: 'tag', name: 'served/by-tag', scale: 0.1 },
  { by: 'digest', name: 'served/by-digest', scale: 0.2 },
] as const

/** Blobs of an image that `makeDockerArchive` makes: manifest, config and layers. */
const PARTS = 5

/** Larger than the bodies that engines keep in memory, or pass on in one chunk. */
const SIZE = 5_000_001
const WAYS: readonly Way[] = ['Blob', 'bytes', 'string', 'monolithic POST', 'chunked PATCH']

export function describeEngine(engine: Engine): void {
  /** The one that was opened last. */
  let latest: OpenBrowser | undefined
  const open: Engine['open'] = async (options) => {
    latest = await engine.open(options)
    return latest
  }

  afterEach(({ task }) => {
    if (task.result?.state === 'fail' && latest?.state) throw new Error(`When it failed:\n${latest.state()}`)
  })

  describe(engine.name, () => {
    const resources = new AsyncDisposableStack()
    let folder: string
    let site: Site
    let browser: OpenBrowser
    /** Digests of the images on the server, by repository. */
    const served = new Map<string, string>()
    /** Digests that each way has pushed. */
    const pushed = new Map<Way, string>()

    beforeAll(async () => {
      folder = resources.use(await openTemporaryFolder()).path
      site = resources.use(await servePage({ swarm: [] }))
      for (const { name, scale } of SERVED) {
        const archive = await makeDockerArchive(folder, [`${name}:1`], `${scale}.tar`, scale)
        served.set(name, await pushToServer(site, archive))
      }
      browser = resources.use(await open())
    })

    afterAll(() => resources.disposeAsync())

    const visit = (path: string) => visitPage(browser, site.url + path)
    const shown = (selector: string) => expect.poll(() => browser.run(isShown, selector)).toBe(true)
    const listed = (image: string) => shown(`main a[href="/r/${image}"]`)
    const text = () => expect.poll(() => browser.run(shownText, undefined))
    const status = (path: string, method = 'GET') => browser.run(statusOf, { method, path: `/v2/${path}` })
    const referenceOf = ({ by, name }: (typeof SERVED)[number]) => (by === 'tag' ? '1' : served.get(name)!)

    /** Everything that was stored before, in views and by requests. */
    async function hasAll(): Promise<void> {
      await visit('/')
      for (const { name } of [IMPORTED, COMPRESSED, PUSHED, ...SERVED]) await listed(name)
      await visit(`/r/${IMPORTED.name}`)
      await listed(`${IMPORTED.name}:${IMPORTED.tag}`)
      await visit(`/r/${IMPORTED.name}:${IMPORTED.tag}`)
      await text().toContain('ADD alpine-minirootfs')
      for (const image of [IMPORTED, COMPRESSED]) {
        expect(await browser.run(pullImage, image)).toHaveLength(PARTS)
      }
      for (const digest of pushed.values()) expect(await status(`${PUSHED.name}/blobs/${digest}`)).toBe(200)
    }

    async function hasPulled(image: (typeof SERVED)[number]): Promise<void> {
      const reference = referenceOf(image)
      expect(await browser.run(pullImage, { name: image.name, tag: reference })).toHaveLength(PARTS)
      await visit(`/r/${image.name}${image.by === 'tag' ? ':' : '@'}${reference}`)
      await text().toContain('ADD alpine-minirootfs')
    }

    it('shows the page at the first visit', async () => {
      await visit('/')
      await text().toContain('registry in this browser')
    })

    it('imports files that its user chooses', async () => {
      const named = ({ name, tag }: typeof IMPORTED) => [`${name}:${tag}`]
      const archives = [
        await makeDockerArchive(folder, named(IMPORTED), 'plain.tar'),
        await makeDockerArchive(folder, named(COMPRESSED), 'compressed.tar.gz', COMPRESSED_SCALE),
      ]
      await browser.chooseFiles('input[type=file]', archives)
      for (const { name, tag } of [IMPORTED, COMPRESSED]) {
        await expect.poll(() => status(`${name}/manifests/${tag}`)).toBe(200)
      }
    })

    it.each(WAYS.map((way, seed) => ({ way, seed })))(
      'takes a push by fetch: $way',
      async ({ way, seed }) => {
        const { digest, read } = await browser.run(pushAndRead, { way, name: PUSHED.name, seed, size: SIZE })
        expect(read).toBe(digest)
        pushed.set(way, digest)
      },
    )

    it('takes an image by fetch', async () => {
      const image = { ...PUSHED, layer: pushed.get('Blob')!, size: SIZE }
      expect(await browser.run(pushManifest, image)).toBe(201)
      expect(await browser.run(listOf, { path: '/v2/_catalog', key: 'repositories' })).toContain(PUSHED.name)
    })

    it.each(SERVED)('pulls an image from its server by $by', async (image) => {
      const parts = await browser.run(pullImage, { name: image.name, tag: referenceOf(image) })
      expect(parts).toHaveLength(PARTS)
      expect(parts).toContain(served.get(image.name))
    })

    it('has all of it after a reload', async () => {
      await browser.reload()
      await hasAll()
    })

    it('has all of it when the server is stopped', async () => {
      await site.stop()
      await hasAll()
    })

    it.each(SERVED)('has what was pulled by $by when the server is stopped', hasPulled)

    it('takes a push when the server is stopped', async () => {
      const push = { way: 'Blob', name: PUSHED.name, seed: 99, size: SIZE } as const
      const { digest, read } = await browser.run(pushAndRead, push)
      expect(read).toBe(digest)
    })

    it('deletes an image', async () => {
      const manifest = `${PUSHED.name}/manifests/${PUSHED.tag}`
      expect(await status(manifest, 'DELETE')).toBe(202)
      expect(await status(manifest)).toBe(404)
      await visit(`/r/${IMPORTED.name}`)
      await listed(`${IMPORTED.name}:${IMPORTED.tag}`)
    })
  })

  describe(`${engine.name}, a private window`, () => {
    it(engine.privateWindow === 'works' ? 'keeps images' : 'says that it has no storage', async () => {
      await using site = await servePage()
      await using browser = await open({ isPrivate: true })
      if (engine.privateWindow === 'works') {
        await visitPage(browser, site.url)
        const push = { way: 'Blob', name: 'a', seed: 1, size: SIZE } as const
        const { digest, read } = await browser.run(pushAndRead, push)
        expect(read).toBe(digest)
      } else {
        await browser.goto(site.url)
        await expect.poll(() => browser.run(shownText, undefined)).toContain('No storage in this window')
      }
    })
  })
}

async function visitPage(browser: OpenBrowser, url: string): Promise<void> {
  await browser.goto(url)
  await browser.run(provideContent, undefined)
  await expect.poll(() => browser.run(isControlled, undefined)).toBe(true)
}

/** Returns the digest of the archive's image. */
async function pushToServer({ url }: Site, archive: string): Promise<string> {
  const content = await readArchive(new Blob([await readFile(archive)]), { name: '' })
  const [image] = await pushArchive(content, createClient({ base: url }))
  return image!.digest
}
