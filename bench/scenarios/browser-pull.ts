/**
 * A blob that the browser does not hold, read by its page: from the peer that the page comes from, by HTTP, and from
 * another one, of which only the WebSocket is reached, through the leading tab. Verified and kept before the last byte
 * is given. Beside that the same bytes by plain HTTP, neither verified nor kept.
 */
import type { Page } from 'playwright'
import { speed, times } from '../browser/figures.ts'
import { hold, openBarePage, openVisit, reached, startPeer, urlOf } from '../browser/visit.ts'
import { MIB, type RandomBlob } from '../client/blob.ts'
import { REPOSITORY } from '../client/registry.ts'
import { megabytesPerSecond } from '../measure.ts'
import type { Scenario, Stage, Values } from '../scenario.ts'
import type { Server } from '../server/process.ts'
import { addressOf } from '../server/swarm.ts'

const WARM_UP = 32 * MIB

const OPEN_TO_PAGES = { REGISTRY_HTTP_CORS_ORIGINS: '["*"]' }
/** For pages of the server alone: a WebSocket is for those that are named. */
const byWebSocketFor = (server: Server) => ({
  REGISTRY_SWARM_LISTEN: '["/ip4/127.0.0.1/tcp/0/ws"]',
  REGISTRY_HTTP_CORS_ORIGINS: JSON.stringify([new URL(urlOf(server)).origin]),
})

export const browserPull: Scenario = {
  name: 'browser-pull',
  title: 'Pull 256 MiB into the browser, verified and kept',
  figures: [
    speed('HTTP', 100),
    speed('WebSocket'),
    speed('plain HTTP'),
    speed('written only'),
    times('HTTP : plain HTTP'),
  ],
  lasts: 'round',
  alone: true,
  ready: async (stage) => () => measurePulls(stage),
}

async function measurePulls(stage: Stage): Promise<Values> {
  await using opened = new AsyncDisposableStack()
  const { visitor, server, page } = opened.use(await openVisit(stage, OPEN_TO_PAGES))
  const distant = await startPeer(stage.within('distant'), byWebSocketFor(server))
  const bare = await openBarePage(visitor, opened)
  const { browserBlob: size } = stage.size
  const [warmUp, blob] = [await hold(server, WARM_UP), await hold(server, size)]
  const [distantWarmUp, distantBlob] = [await hold(distant, WARM_UP), await hold(distant, size)]

  await pull(page, warmUp)
  const plain = await read(bare, urlOf(server), blob)
  const written = await bare.evaluate((size) => bench.writeFile('blob', size), size)
  const byHttp = await pull(page, blob)
  await reach(page, await addressOf(distant))
  await pull(page, distantWarmUp)
  const byWebSocket = await pull(page, distantBlob)
  return {
    HTTP: megabytesPerSecond(size, byHttp),
    WebSocket: megabytesPerSecond(size, byWebSocket),
    'plain HTTP': megabytesPerSecond(size, plain),
    'written only': megabytesPerSecond(size, written),
    'HTTP : plain HTTP': plain / byHttp,
  }
}

async function reach(page: Page, address: string): Promise<void> {
  await page.evaluate((address) => bench.setPeers([address]), address)
  await reached(page, 'websocket')
}

/** Through the registry of the page, which has it from then on. */
async function pull(page: Page, blob: RandomBlob): Promise<number> {
  const seconds = await read(page, '', blob)
  const source = await page.evaluate((digest) => bench.sourceOf(digest), blob.digest)
  if (source !== 'peers') throw new Error(`the blob is not kept as from peers: ${source}`)
  return seconds
}

async function read(page: Page, base: string, blob: RandomBlob): Promise<number> {
  const url = `${base}/v2/${REPOSITORY}/blobs/${blob.digest}`
  const { seconds, size } = await page.evaluate((url) => bench.read(url), url)
  if (size !== blob.size) throw new Error(`pulled ${size} bytes of ${blob.size}`)
  return seconds
}
