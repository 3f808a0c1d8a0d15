/** One blob pulled by one client, then by eight at once; read from the page cache by either registry. */
import { GIB, RandomBlob } from '../client/blob.ts'
import { timeJobs } from '../client/load.ts'
import { pull, pushByPut } from '../client/registry.ts'
import { megabytesPerSecond } from '../measure.ts'
import type { Scenario, Stage } from '../scenario.ts'

export const pullBlob: Scenario = {
  name: 'pull',
  title: 'Pull 1 GiB',
  figures: [
    { name: '1 client', unit: 'MB/s', better: 'more', ratio: 1.4 },
    { name: '8 clients', unit: 'MB/s', better: 'more', ratio: 1.4 },
    { name: 'CPU, 8 clients', unit: 's/GiB', better: 'less' },
  ],
  lasts: 'scenario',
  ready: readyPull,
}

async function readyPull(stage: Stage) {
  const blob = new RandomBlob(stage.size.blob)
  const server = await stage.start()
  const throughput = async (clients: number): Promise<number> => {
    const jobs = Array(clients).fill((connection: Parameters<typeof pull>[0]) => pull(connection, blob))
    return megabytesPerSecond(clients * blob.size, await timeJobs(server.port, clients, jobs))
  }
  await timeJobs(server.port, 1, [(connection) => pushByPut(connection, blob)])
  await server.idle()
  await throughput(1)
  return async () => {
    const one = await throughput(1)
    const before = server.cpuSeconds()
    const eight = await throughput(8)
    const cpu = ((server.cpuSeconds() - before) * GIB) / (8 * blob.size)
    return { '1 client': one, '8 clients': eight, 'CPU, 8 clients': cpu }
  }
}
