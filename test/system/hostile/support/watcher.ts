/** The process behind `watch`: asks for `/v2/` again and again, each time on a new connection, until SIGTERM. */
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { residentOf } from './resident.ts'

export interface Watched {
  /** Milliseconds that an answer to `GET /v2/` took; one that never came counts until the end. */
  readonly latency: { readonly median: number; readonly p99: number; readonly most: number }
  /** Resident bytes: before, the most meanwhile, and at the end. */
  readonly memory: { readonly before: number; readonly most: number; readonly after: number }
  readonly answers: number
}

const BETWEEN = 20

const [url, pid] = process.argv.slice(2) as [string, string]
const latencies: number[] = []
const before = residentOf(pid)
let most = before
process.once('SIGTERM', () => {
  const after = residentOf(pid)
  const sorted = latencies.toSorted((one, other) => one - other)
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  const watched: Watched = {
    latency: { median: at(0.5), p99: at(0.99), most: at(1) },
    memory: { before, most: Math.max(most, after), after },
    answers: sorted.length,
  }
  process.stdout.write(`${JSON.stringify(watched)}\n`, () => process.exit())
})
setInterval(() => {
  most = Math.max(most, residentOf(pid))
}, BETWEEN)
process.stdout.write('watching\n')

for (;;) {
  const start = performance.now()
  const place = latencies.push(0) - 1
  const waiting = setInterval(() => {
    latencies[place] = performance.now() - start
  }, BETWEEN)
  await answer()
  clearInterval(waiting)
  latencies[place] = performance.now() - start
  await sleep(BETWEEN)
}

function answer(): Promise<void> {
  return new Promise((resolve) => {
    get(`${url}/v2/`, { agent: false }, (response) => response.resume().on('close', () => resolve())).on(
      'error',
      () => resolve(),
    )
  })
}
