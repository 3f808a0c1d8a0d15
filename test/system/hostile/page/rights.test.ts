/**
 * Who: a page that may read by the configuration, and one that the configuration does not name.
 * Tries: to write with the right to read, by requests with a preflight (PUT) and without (a POST of plain text); to
 * use the right of all pages (`*`) to change anything; to use the admin API.
 * Gets: what was granted, and no more.
 */

import { expect, it } from 'vitest'
import { digestOf } from '../../../support/digest.ts'
import { pushImage } from '../../../support/push.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { openEvilSite, openVictim } from '../support/evil-site.ts'
import { overHttp } from '../support/over-http.ts'

const READS = { read: 200, head: 200, push: 'refused', tag: 'refused', delete: 'refused', owner: 'refused' }
const WRITES = { ...READS, push: 201, tag: 400, delete: 404 }
const NOTHING = { ...READS, read: 'refused', head: 'refused' }

it.each([
  ['of nobody', { origins: [], writers: [] }, NOTHING],
  ['that is a reader', { origins: ['PAGE'], writers: [] }, READS],
  ['that is a writer', { origins: [], writers: ['PAGE'] }, WRITES],
  ['like any, where all may read', { origins: ['*'], writers: ['http://other.test'] }, READS],
  ['beside a reader', { origins: ['http://other.test'], writers: ['http://other.test'] }, NOTHING],
])('a page %s gets what was given', async (_, { origins, writers }, expected) => {
  await using opened = new AsyncDisposableStack()
  const evil = opened.use(await openEvilSite())
  const origin = `http://page.test:${evil.port}`
  const listed = (texts: string[]) => JSON.stringify(texts.map((text) => text.replace('PAGE', origin)))
  const environment = {
    REGISTRY_HTTP_CORS_ORIGINS: listed(origins),
    REGISTRY_HTTP_CORS_WRITERS: listed(writers),
  }
  const registry = opened.use(await startRegistry({ environment }))
  await pushImage(overHttp(registry.url), 'team/app', { tag: 'latest' })
  const victim = opened.use(await openVictim())
  const page = await victim.open(origin)
  const blob = { url: registry.url, digest: digestOf('pushed'), missing: digestOf('missing') }
  expect(await page.evaluate(tryAll, blob)).toEqual(expected)
})

/** Runs in the page. Gives the status of each answer, where the page may see it and the registry obeyed. */
async function tryAll({ url, digest, missing }: { url: string; digest: string; missing: string }) {
  const outcomeOf = async (path: string, init: RequestInit = {}) => {
    const status = await fetch(url + path, init).then(
      (response) => response.status,
      () => 403,
    )
    return status === 403 ? 'refused' : status
  }
  return {
    read: await outcomeOf('/v2/team/app/manifests/latest'),
    head: await outcomeOf('/v2/team/app/manifests/latest', { method: 'HEAD' }),
    push: await outcomeOf(`/v2/team/app/blobs/uploads/?digest=${digest}`, { method: 'POST', body: 'pushed' }),
    tag: await outcomeOf('/v2/team/app/manifests/latest', { method: 'PUT', body: '{}' }),
    delete: await outcomeOf(`/v2/team/app/blobs/${missing}`, { method: 'DELETE' }),
    owner: await outcomeOf('/flotilla/storage'),
  }
}
