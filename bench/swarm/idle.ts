/**
 * What registries take that nobody asks for anything: some of them as `npm start` has them, on this machine, which find
 * each other; one is pushed a small image, another pulls it, and then they rest. Prints the CPU and the memory of each.
 * `node bench/swarm/idle.ts [--registries 4] [--rest 120]`, seconds.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { imageManifest, pushImageBlobs, putTag } from '../client/image.ts'
import { timeJobs } from '../client/load.ts'
import { manifestPut, REPOSITORY } from '../client/registry.ts'
import { killServers, type Server, startServer } from '../server/process.ts'
import { HOME } from '../server/registries.ts'
import { statusOf } from '../server/swarm.ts'

/** As `npm start` says in package.json. */
const START = ['--v8-pool-size=2', join(HOME, 'src/node/build/start.js'), 'serve']

/** Milliseconds that all have to do what follows a push, before the rest begins. */
const SETTLE = 20_000

const { values } = parseArgs({
  options: { registries: { type: 'string', default: '4' }, rest: { type: 'string', default: '120' } },
})
const [count, rest] = [Number(values.registries), Number(values.rest)]
const folder = mkdtempSync(join(tmpdir(), 'flotilla-idle-'))
process.on('exit', () => {
  killServers()
  rmSync(folder, { recursive: true, force: true })
})

const servers = await Promise.all(Array.from({ length: count }, (_, index) => start(index)))
for (const server of servers) await metAll(server)
await pushAndPull(servers)
await sleep(SETTLE)
const before = servers.map((server) => server.cpuSeconds())
await sleep(rest * 1000)
console.log(`${count} registries, one image, ${rest} s of rest`)
console.log(
  '| registry | % of a core | resident MiB | of it code and files | start ms |\n| --- | --- | --- | --- | --- |',
)
for (const [index, server] of servers.entries()) {
  const percent = ((server.cpuSeconds() - before[index]!) / rest) * 100
  const resident = server.residentMemory()
  const cells = [
    index,
    percent.toFixed(2),
    resident.toFixed(0),
    fileMemory(server).toFixed(0),
    server.startTime.toFixed(0),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
process.exit(0)

/** Without settings but the port; they find each other in a folder that others of this machine do not look into. */
function start(index: number): Promise<Server> {
  const data = join(folder, `data-${index}`)
  return startServer((port) => ({
    file: process.execPath,
    data,
    args: [...START, '--addr', `127.0.0.1:${port}`, '--data', data],
    environment: { HOME: folder, TMPDIR: folder },
  }))
}

async function metAll(server: Server): Promise<void> {
  const met = async () => (await statusOf(server)).peers.filter(({ isRegistry }) => isRegistry).length
  while ((await met()) < count - 1) await sleep(100)
}

async function pushAndPull([first, second]: readonly Server[]): Promise<void> {
  await pushImageBlobs(first!.port)
  const manifest = imageManifest('idle')
  await timeJobs(first!.port, 1, [putTag(manifestPut('latest', manifest, REPOSITORY))])
  const { config, layers } = JSON.parse(manifest)
  for (const { digest } of second === undefined ? [] : [config, ...layers]) {
    const url = `http://127.0.0.1:${second!.port}/v2/${REPOSITORY}/blobs/${digest}`
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
    await response.arrayBuffer()
  }
}

/** Resident memory that is read from files, of which the kernel keeps one copy for all processes, in MiB. */
function fileMemory({ pid }: Server): number {
  return Number(/^RssFile:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
