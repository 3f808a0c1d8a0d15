/** Pushes from the browser to other registries, and copies to other names. */
import type { Page, Request } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../support/command.ts'
import { requirePrograms } from '../../support/programs.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { violationsIn } from './support/axe.ts'
import { openBrowser } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { makeDockerArchive, makeLayoutArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let page: Page
/** Errors in the console. */
const errors: string[] = []
/** Paths to which bytes of layers were sent. */
const sent: string[] = []

beforeAll(async () => {
  await requirePrograms({ skopeo: 'skopeo' }, 'what the page pushes is read by skopeo')
  const folder = resources.use(await openTemporaryFolder()).path
  site = resources.use(await servePage({ swarm: [] }))
  page = await resources.use(await openBrowser()).open(site.url)
  await dropFiles(page, [
    await makeLayoutArchive(folder, 'library/httpd:2.4'),
    await makeDockerArchive(folder, ['team/other:1'], 'other.tar', 0.5),
    await makeDockerArchive(folder, ['team/large:1'], 'large.tar', 2),
  ])
  for (const name of ['library/httpd:2.4', 'team/other:1', 'team/large:1']) await transfer(name).waitFor()
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('request', (request) => isUpload(request) && sent.push(request.url()))
})

const isUpload = (request: Request): boolean =>
  request.method() === 'PUT' && request.url().includes('/blobs/uploads/')

afterAll(() => resources.disposeAsync())

const go = (path: string) => page.goto(`${site.url}${path}`)
const main = () => page.getByRole('main')
const dialog = () => page.getByRole('dialog')
const transfers = () => page.getByRole('region', { name: /transfer/i })
const transfer = (name: string) => transfers().getByRole('link', { name, exact: true })
const field = (name: string) => dialog().getByLabel(name, { exact: true })
const press = (name: string) => dialog().getByRole('button', { name, exact: true }).click()

async function open(name: string): Promise<void> {
  await main().getByRole('button', { name }).click()
  await dialog().waitFor()
}

/** The digest of a reference at a registry or in this browser. */
const digestAt = async (url: string, reference: string) =>
  (await fetch(`${url}/v2/${reference}`, { method: 'HEAD' })).headers.get('docker-content-digest')
const digestHere = (reference: string) =>
  page.evaluate(async (path) => (await fetch(path)).headers.get('docker-content-digest'), `/v2/${reference}`)

it('pushes an image to the server, where other tools find it with its signature', async () => {
  await go('/r/library/httpd:2.4')
  await main().getByText('Use it with docker').click()
  await main().getByText(`The server at ${site.host} does not have this image`).waitFor()
  await main().getByText('docker load -i library_httpd_2.4.tar').waitFor()
  expect(
    await main()
      .getByText(/^docker pull/)
      .count(),
  ).toBe(0)
  await open('Push it to the server first…')
  await dialog()
    .getByRole('radio', { name: `The server, ${new URL(site.url).host}` })
    .waitFor()
  expect(await page.evaluate(() => document.activeElement?.matches('[type=radio]:checked'))).toBe(true)
  await dialog().getByText('With 2 signatures, SBOMs and attestations').waitFor()
  expect(await violationsIn(page)).toEqual([])
  await press('Push')
  await transfers().getByText(`On ${site.host} it is library/httpd:2.4`).waitFor()
  const digest = await digestHere('library/httpd/manifests/2.4')
  expect(await digestAt(site.url, 'library/httpd/manifests/2.4')).toBe(digest)
  const referrers = await (await fetch(`${site.url}/v2/library/httpd/referrers/${digest}`)).json()
  expect(referrers.manifests).toHaveLength(2)
  const options = ['--tls-verify=false', '--config', '--override-arch', 'arm64']
  const config = await run('skopeo', ['inspect', ...options, `docker://${site.host}/library/httpd:2.4`])
  expect(JSON.parse(config).architecture).toBe('arm64')
  await main().getByText(`docker pull ${site.host}/library/httpd:2.4`).waitFor()
  expect(sent).not.toEqual([])
  expect(errors).toEqual([])
})

it('asks before it moves a tag from another image, and pushes a single platform', async () => {
  sent.length = 0
  await open('Push…')
  await field('Repository').fill('team/web')
  await field('Tag').fill('stable')
  await field('Platforms').selectOption({ label: 'Only linux/arm64/v8' })
  await press('Push')
  await transfers().getByText('team/web:stable').waitFor()
  expect(sent).toEqual([]) // the server has all blobs in another repository
  const first = await digestAt(site.url, 'team/web/manifests/stable')

  await go('/r/team/other:1')
  await open('Push…')
  await field('Repository').fill('team/web')
  await field('Tag').fill('Not a tag')
  await press('Push')
  await dialog().getByText('A tag has letters').waitFor()
  await field('Tag').fill('stable')
  await press('Push')
  await dialog().getByText('team/web:stable is taken.').waitFor()
  expect(await digestAt(site.url, 'team/web/manifests/stable')).toBe(first)
  await press('Replace it')
  await transfers().getByText(`On ${site.host} it is team/web:stable`).nth(1).waitFor()
  expect(await digestAt(site.url, 'team/web/manifests/stable')).toBe(
    await digestHere('team/other/manifests/1'),
  )
  expect(errors).toEqual([])
})

it('pushes to a registry whose address is typed, and says why one rejects it', async () => {
  const config = `version: 0.1\nstorage: {delete: {enabled: true}}\nhttp: {cors: {writers: ['${site.url}']}}\n`
  await using open_ = await servePage({ config })
  await using closed = await servePage()
  await open('Push…')
  await dialog().getByRole('radio', { name: 'Another registry' }).check()
  await field('Its address').fill('team/web')
  await press('Push')
  await dialog().getByText('An address looks like').waitFor()
  await field('Its address').fill(closed.host)
  await press('Push')
  await dialog().getByText(`does not let pages of ${site.url} push to it`).waitFor()
  await field('Its address').fill('127.0.0.1:9')
  await press('Push')
  await dialog().getByText('No registry answers at 127.0.0.1:9').waitFor()
  await field('Its address').fill(`${open_.host}/`)
  await press('Push')
  await transfers().getByText(`On ${open_.host} it is team/other:1`).waitFor()
  expect(await digestAt(open_.url, 'team/other/manifests/1')).toBe(await digestHere('team/other/manifests/1'))
})

it('pauses within a layer, and resumes there', async () => {
  const uploads = /\/blobs\/uploads\//
  const chunks: string[] = []
  const letGo = Promise.withResolvers<void>()
  let isPaused = false
  await page.context().route(uploads, async (route) => {
    const request = route.request()
    const range = request.headers()['content-range']
    if (range) chunks.push(`${request.method()} ${range}`)
    const isLast = request.method() === 'PUT' && range !== undefined && !range.startsWith('0-')
    if (!isLast || isPaused) return route.continue()
    await letGo.promise
    await route.abort().catch(() => {}) // the page has aborted it
  })
  await go('/r/team/large:1')
  await open('Push…')
  await press('Push')
  const item = transfers().getByRole('listitem').filter({ hasText: 'team/large:1 to' })
  await expect.poll(() => chunks.some((request) => /^PUT [^0]/.test(request))).toBe(true)
  await item.getByRole('button', { name: 'Pause' }).click()
  await item.getByRole('button', { name: 'Resume' }).waitFor()
  isPaused = true
  const before = chunks.length
  letGo.resolve()
  await item.getByRole('button', { name: 'Resume' }).click()
  await transfers().getByText(`On ${site.host} it is team/large:1`).waitFor()
  await page.context().unroute(uploads)
  expect(chunks.filter((request) => /^PATCH 0-/.test(request))).toHaveLength(1)
  expect(chunks.slice(before)).toEqual([expect.stringMatching(/^PUT [^0]/)])
})

it('answers for a registry of a peer what the registry API needs, and no more', async () => {
  const [peer, ...answers] = await page.evaluate(async () => {
    const { origin } = await (await fetch('/flotilla/peers')).json()
    const path = `/flotilla/peers/${origin.id}`
    const ask = async (path: string, init?: RequestInit) => (await fetch(path, init)).status
    const manifest = await fetch(`${path}/v2/library/httpd/manifests/2.4`)
    return [
      path,
      manifest.headers.get('content-security-policy'),
      await ask(`${path}/v2/`),
      await ask(`${path}/v2/`, { method: 'OPTIONS' }),
      await ask(`${path}/v2/../../flotilla/storage`),
      await ask(`/flotilla/peers/${'1'.repeat(52)}/v2/`),
    ]
  })
  expect(answers).toEqual([expect.stringContaining('sandbox'), 200, 403, 404, 503])
  const response = await page.goto(`${site.url}${peer}/v2/library/httpd/manifests/2.4`)
  expect(response!.status()).toBe(403)
})

it('gives an image other names here, by keyboard', async () => {
  await go('/r/library/httpd:2.4')
  await main().getByRole('button', { name: 'Copy or retag…' }).press('Enter')
  await dialog().waitFor()
  expect(await field('New tag').evaluate((field) => field === document.activeElement)).toBe(true)
  expect(await violationsIn(page)).toEqual([])
  await page.keyboard.type('latest')
  await page.keyboard.press('Enter')
  await main().getByRole('heading', { name: 'library/httpd:latest' }).waitFor()

  await open('Copy or retag…')
  await field('Repository').fill('Team/Web')
  await field('New tag').fill('1')
  await press('Copy')
  await dialog().getByText('A repository is written in lower case').waitFor()
  await field('Repository').fill('team/other')
  await press('Copy')
  await dialog().getByText('team/other:1 is taken.').waitFor()
  await press('Replace it')
  await main().getByRole('heading', { name: 'team/other:1' }).waitFor()
  expect(await digestHere('team/other/manifests/1')).toBe(await digestHere('library/httpd/manifests/2.4'))
  expect(await main().getByRole('button', { name: 'Keep' }).count()).toBe(0)
})
