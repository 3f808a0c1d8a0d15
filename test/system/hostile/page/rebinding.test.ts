/**
 * Who: a web page whose DNS server, once the page is loaded, answers with 127.0.0.1 (DNS rebinding), so that for the
 * browser the registry has the page's own origin.
 * Tries: to read what is here, to replace an image that somebody will run, to make requests as a peer, and to see who
 * the peers are.
 * Gets: 421 for everything, before anything is looked up.
 */

import { expect, it } from 'vitest'
import { digestOf } from '../../../support/digest.ts'
import { pushImage } from '../../../support/push.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { openEvilSite, openRebinding, openVictim } from '../support/evil-site.ts'
import { overHttp } from '../support/over-http.ts'

it('gets nothing', async () => {
  await using opened = new AsyncDisposableStack()
  const registry = opened.use(await startRegistry({ swarm: [] }))
  const evil = opened.use(await openEvilSite())
  const name = opened.use(await openRebinding(evil.port, Number(new URL(registry.url).port)))
  const victim = opened.use(await openVictim())
  const { digest } = await pushImage(overHttp(registry.url), 'private/app', { tag: 'latest' })

  const page = await victim.open(`http://rebind.test:${name.port}/`)
  name.rebind()
  const image = { blob: 'evil', digest: digestOf('evil'), manifest: JSON.stringify(EVIL_MANIFEST) }
  expect(await page.evaluate(attack, image)).toEqual({
    catalog: 421,
    manifest: 421,
    layer: 421,
    tag: 421,
    ask: 421,
    peers: 421,
    'the page': 421,
  })
  const tag = await fetch(`${registry.url}/v2/private/app/manifests/latest`, { method: 'HEAD' })
  expect(tag.headers.get('docker-content-digest')).toBe(digest)
})

const EVIL_MANIFEST = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('evil'), size: 4 },
  layers: [],
}

/** Runs in the page. Gives the status of each answer. */
async function attack({ blob, digest, manifest }: { blob: string; digest: string; manifest: string }) {
  const statusOf = async (path: string, init: RequestInit = {}) => (await fetch(path, init)).status
  const json = { 'Content-Type': 'application/json' }
  const oci = { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' }
  const question = JSON.stringify({ ask: 'tag', repository: 'private/app', tag: 'latest' })
  return {
    catalog: await statusOf('/v2/_catalog'),
    manifest: await statusOf('/v2/private/app/manifests/latest'),
    layer: await statusOf(`/v2/private/app/blobs/uploads/?digest=${digest}`, { method: 'POST', body: blob }),
    tag: await statusOf('/v2/private/app/manifests/latest', { method: 'PUT', headers: oci, body: manifest }),
    ask: await statusOf('/flotilla/ask', { method: 'POST', headers: json, body: question }),
    peers: await statusOf('/flotilla/peers'),
    'the page': await statusOf('/'),
  }
}
