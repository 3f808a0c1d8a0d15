/**
 * Who: somebody who may push, or whose image was pulled, and who found a way to put an element into the page. All
 * that they need is a script of the page's own origin, and blobs are served from there.
 * Tries: to run pushed bytes as a script, module, worker, service worker, style or frame, from the server and from
 * the service worker, with the page's own policy switched off.
 * Gets: nothing that runs, in any way. With the policy, they can't even name a script.
 */

import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../../support/digest.ts'
import { pushBlob } from '../../../support/push.ts'
import { type RegistryProcess, startRegistry } from '../../../support/registry-process.ts'
import { openVictim } from '../support/evil-site.ts'
import { overHttp } from '../support/over-http.ts'

const SCRIPT = `
globalThis.ran = true
if (globalThis.postMessage && !globalThis.document) postMessage('ran')
globalThis.onconnect = ({ ports: [port] }) => port.postMessage('ran')`
const STYLE = 'body { color: rgb(1, 2, 3) }'
const PAGE = '<!doctype html><script>parent.ran = true</script>'
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"><script>parent.ran = true</script></svg>'
const CONTENTS = { script: SCRIPT, style: STYLE, page: PAGE, picture: PICTURE }
type Urls = Readonly<Record<keyof typeof CONTENTS, string>>

const urls = Object.fromEntries(
  Object.entries(CONTENTS).map(([name, content]) => [name, `/v2/evil/app/blobs/${digestOf(content)}`]),
) as Urls

const opened = new AsyncDisposableStack()
let registry: RegistryProcess

beforeAll(async () => {
  registry = opened.use(await startRegistry())
  for (const content of Object.values(CONTENTS)) await pushBlob(overHttp(registry.url), 'evil/app', content)
})

afterAll(() => opened.disposeAsync())

const NOTHING = {
  script: 'error',
  module: 'error',
  worker: 'error',
  'module worker': 'error',
  'shared worker': 'error',
  'service worker': 'refused',
  style: 'error',
  frame: 'silent',
  'picture in a frame': 'silent',
  object: 'silent',
  embed: 'silent',
  ran: false,
  color: 'rgb(0, 0, 0)',
}

describe('without the policy of the page', () => {
  it('nothing runs that the server holds', async () => {
    await using victim = await openVictim({ bypassCSP: true })
    const page = await victim.open(`${registry.url}/flotilla/reset`)
    expect(await page.evaluate(inject, urls)).toEqual(NOTHING)
  })

  it('nothing runs that the service worker holds', async () => {
    await using victim = await openVictim({ bypassCSP: true })
    const page = await openControlled(victim.open, registry.page)
    for (const content of Object.values(CONTENTS)) expect(await page.evaluate(push, content)).toBe(201)
    const outcome = await page.evaluate(inject, urls)
    expect(outcome).toEqual({ ...NOTHING, color: outcome.color })
    expect(outcome.color).not.toBe('rgb(1, 2, 3)')
  })
})

it('with it, no text becomes a script', async () => {
  await using victim = await openVictim()
  const page = await openControlled(victim.open, registry.page)
  expect(await page.evaluate(write, urls.script)).toEqual({
    'a script by its URL': 'TypeError',
    'a script by its text': 'TypeError',
    'an element with a handler': 'TypeError',
    'a worker': 'TypeError',
    'a service worker': 'TypeError',
    'a policy of his own': 'TypeError',
    ran: false,
  })
})

async function openControlled(open: (url: string) => Promise<Page>, url: string): Promise<Page> {
  const page = await open(url)
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
  return page
}

/** Runs in the page. */
async function push(content: string): Promise<number> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(content)))
  const digest = `sha256:${[...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
  return (await fetch(`/v2/evil/app/blobs/uploads/?digest=${digest}`, { method: 'POST', body: content }))
    .status
}

/** Runs in the page. Puts in whatever would run, and gives what came of each. */
async function inject({ script, style, page, picture }: Urls) {
  const outcomeOf = (name: string, more: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const element = Object.assign(document.createElement(name), more)
      element.onload = () => resolve('load')
      element.onerror = () => resolve('error')
      document.head.append(element)
    })
  const framed = (name: string, more: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const element = Object.assign(document.createElement(name), more)
      element.onload = element.onerror = () => resolve('ran' in window ? 'ran' : 'silent')
      setTimeout(() => resolve('ran' in window ? 'ran' : 'silent'), 1000) // of a download, nobody is told
      document.body.append(element)
    })
  const told = (target: Worker | MessagePort, worker: AbstractWorker) =>
    new Promise<string>((resolve) => {
      target.onmessage = () => resolve('ran')
      worker.onerror = () => resolve('error')
    })
  const worker = (options: WorkerOptions = {}) => {
    const worker = new Worker(script, options)
    return told(worker, worker)
  }
  const shared = () => {
    const worker = new SharedWorker(script)
    return told(worker.port, worker)
  }
  return {
    script: await outcomeOf('script', { src: script }),
    module: await outcomeOf('script', { src: script, type: 'module' }),
    worker: await worker(),
    'module worker': await worker({ type: 'module' }),
    'shared worker': await shared(),
    'service worker': await (navigator.serviceWorker?.register(script) ?? Promise.reject()).then(
      () => 'registered',
      () => 'refused',
    ),
    style: await outcomeOf('link', { rel: 'stylesheet', href: style }),
    frame: await framed('iframe', { src: page }),
    'picture in a frame': await framed('iframe', { src: picture }),
    object: await framed('object', { data: page, type: 'text/html' }),
    embed: await framed('embed', { src: picture, type: 'image/svg+xml' }),
    ran: 'ran' in window,
    color: getComputedStyle(document.body).color,
  }
}

/** Runs in the page. The error that stops each way to make a script of a text. */
async function write(url: string) {
  const nameOf = async (attempt: () => unknown) => {
    try {
      await attempt()
      return 'done'
    } catch (error) {
      return (error as Error).name
    }
  }
  const script = () => document.createElement('script')
  return {
    'a script by its URL': await nameOf(() => Object.assign(script(), { src: url })),
    'a script by its text': await nameOf(() => Object.assign(script(), { textContent: 'window.ran = true' })),
    'an element with a handler': await nameOf(() => {
      document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.ran = true">')
    }),
    'a worker': await nameOf(() => new Worker(url)),
    'a service worker': await nameOf(() => navigator.serviceWorker.register(url)),
    'a policy of his own': await nameOf(() => {
      const { trustedTypes } = window as unknown as {
        trustedTypes: { createPolicy(...given: unknown[]): unknown }
      }
      return trustedTypes.createPolicy('flotilla', { createScriptURL: (text: string) => text })
    }),
    ran: 'ran' in window,
  }
}
