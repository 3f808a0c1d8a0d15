/**
 * The memory of two peers while a large blob goes from one through the other to two readers: one as fast as it can, one
 * at 1 MB/s, which is cut half a minute after the first has all. By each fetcher.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { type ClientRequest, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { GIB, RandomBlob } from '../client/blob.ts'
import { Connection } from '../client/connection.ts'
import { pull, pushByPut, REPOSITORY } from '../client/registry.ts'
import { killServers, type Server } from '../server/process.ts'
import { BUNDLE, flotilla, SOURCES } from '../server/registries.ts'
import { statusOf } from '../server/swarm.ts'

const SLOW = 1_000_000
const AFTER = 30_000

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    bundle: { type: 'boolean', default: false },
    dir: { type: 'string', default: tmpdir() },
  },
})
const ours = flotilla(values.bundle ? BUNDLE : SOURCES)
const folder = mkdtempSync(join(values.dir, 'flotilla-memory-'))
process.once('exit', () => {
  killServers()
  rmSync(folder, { recursive: true, force: true })
})
process.once('SIGINT', () => process.exit(130))

const blob = new RandomBlob((values.quick ? 1 : 10) * GIB)
console.log(`${blob.size / GIB} GiB, ${values.bundle ? 'the bundle' : 'the sources'}`)
const pushed = await push()
await through('by HTTPS', {})
await through('by the stream alone', { REGISTRY_SWARM_BULK_ENABLED: 'false' })
process.exit()

/** The folder of a registry that holds the blob and has hashed its leaves. */
async function push(): Promise<string> {
  const provider = join(folder, 'holder')
  const server = await ours.start(provider)
  const connection = await Connection.open(server.port)
  await pushByPut(connection, blob)
  connection.close()
  await server.idle()
  console.log(`pushed; the most memory of the provider was ${Math.round(server.peakMemory())} MiB`)
  await server.stop()
  return provider
}

async function through(title: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const provider = await ours.start(pushed, environment)
  await provider.idle()
  const receiverFolder = join(folder, 'receiver')
  const bootstrap = JSON.stringify([await addressOf(provider)])
  const receiver = await ours.start(receiverFolder, { ...environment, REGISTRY_SWARM_BOOTSTRAP: bootstrap })
  await met(receiver)
  console.log(`\n${title}`)
  const start = performance.now()
  const watch = watchOver({ provider, receiver })
  const slow = readSlowly(receiver)
  const fast = await Connection.open(receiver.port)
  await pull(fast, blob)
  fast.close()
  const seconds = (performance.now() - start) / 1000
  await sleep(AFTER)
  slow.request.destroy()
  watch.end()
  console.log(`  fast reader: ${seconds.toFixed(1)} s, ${Math.round(blob.size / 1e6 / seconds)} MB/s`)
  console.log(`  slow reader: ${Math.round(slow.received() / 1e6)} MB until it was cut`)
  await Promise.all([provider.stop(), receiver.stop()])
  rmSync(receiverFolder, { recursive: true })
}

/** Prints what is resident each second, in MiB, and the most at the end. */
function watchOver(servers: Readonly<Record<string, Server>>): { end(): void } {
  const series = Object.entries(servers).map(([name, server]) => ({ name, server, samples: [] as number[] }))
  const timer = setInterval(() => {
    for (const { server, samples } of series) samples.push(Math.round(server.residentMemory()))
  }, 1000)
  return {
    end() {
      clearInterval(timer)
      for (const { name, server, samples } of series) {
        console.log(`  ${name}: ${samples.join(' ')}; at most ${Math.round(server.peakMemory())} MiB`)
      }
    },
  }
}

function readSlowly({ port }: Server): { request: ClientRequest; received(): number } {
  let received = 0
  const start = performance.now()
  const request = get({ port, path: `/v2/${REPOSITORY}/blobs/${blob.digest}` }, (response) => {
    response.on('data', async (chunk: Buffer) => {
      received += chunk.length
      response.pause()
      await sleep(Math.max(1, (1000 * received) / SLOW - (performance.now() - start)))
      response.resume()
    })
    response.on('error', () => {})
  })
  request.on('error', () => {})
  return { request, received: () => received }
}

async function addressOf(server: Server): Promise<string> {
  const { addresses } = await statusOf(server)
  return addresses.find((address) => /\/tcp\/\d+\/p2p\//.test(address))!
}

async function met(server: Server): Promise<void> {
  while ((await statusOf(server)).peers.length === 0) await sleep(50)
}
