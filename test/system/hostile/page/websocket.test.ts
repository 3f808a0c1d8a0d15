/**
 * Who: a web page of another origin, visited by somebody who runs a registry.
 * Tries: to open the registry's WebSocket of libp2p, since a peer that has one gets everything that is shared. A
 * browser lets it try, because WebSockets are not subject to CORS.
 * Gets: nothing.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumOptions } from '../../../support/chromium.ts'
import type { RegistryPeer } from '../../peers/registry-peer.ts'
import { portOf, startOnDoors } from '../support/doors.ts'

/** What libp2p says first, whoever it is. */
const GREETING = '/multistream/1.0.0'

let browser: Browser
let site: Server
let page: Page
let origin: string

beforeAll(async () => {
  browser = await chromium.launch(chromiumOptions())
  site = createServer((_, response) => response.end('<!doctype html>')).listen(0, '127.0.0.1')
  await once(site, 'listening')
  origin = `http://localhost:${(site.address() as AddressInfo).port}`
  page = await browser.newPage()
  await page.goto(origin)
})

afterAll(async () => {
  site.close()
  await browser.close()
})

/** Greets as a peer does, in the page, and gives the registry's own greeting; nothing where it got no WebSocket. */
const greet = async (registry: RegistryPeer): Promise<string> =>
  page.evaluate(
    ([url, greeting]) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url)
        socket.binaryType = 'arraybuffer'
        const text = new TextEncoder().encode(`${String.fromCharCode(greeting.length + 1)}${greeting}\n`)
        socket.onopen = () => socket.send(text)
        let got = ''
        socket.onmessage = ({ data }) => {
          got += new TextDecoder().decode(data)
          if (got.endsWith('\n')) resolve(got.slice(1, -1))
        }
        socket.onerror = () => resolve('')
      }),
    [`ws://127.0.0.1:${await portOf(registry, 'tcp/ws')}`, GREETING] as const,
  )

test('a page of another origin gets no WebSocket', async () => {
  await using registry = await startOnDoors(['tcp/0/ws'])
  expect(await greet(registry)).toBe('')
})

test('nor where pages of other origins may call the registry, but not this one', async () => {
  const environment = { REGISTRY_HTTP_CORS_ORIGINS: '["https://app.example", "http://localhost"]' }
  await using registry = await startOnDoors(['tcp/0/ws'], environment)
  expect(await greet(registry)).toBe('')
})

test('a page of an origin that may call the registry gets one', async () => {
  const environment = { REGISTRY_HTTP_CORS_ORIGINS: JSON.stringify([origin]) }
  await using registry = await startOnDoors(['tcp/0/ws'], environment)
  expect(await greet(registry)).toBe(GREETING)
})

test('by default there is none to open', async () => {
  await using registry = await startOnDoors([], { REGISTRY_SWARM_LISTEN: 'null' })
  await expect(portOf(registry, 'tcp/ws')).rejects.toThrow('there is no tcp/ws')
})
