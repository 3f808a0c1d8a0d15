/**
 * The memory of a browser while it does something: of all its renderers, where pages and service workers run, and of
 * its other processes. Each page of memory that several share counts for each of them by its part (PSS).
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession } from 'playwright'
import type { Visitor } from '../../test/system/e2e/support/browser.ts'

/** In MiB. */
export interface Sample {
  readonly renderers: number
  readonly others: number
}

const INTERVAL = 200

export async function memoryDuring(visitor: Visitor, work: () => Promise<unknown>): Promise<Sample[]> {
  const session = await visitor.context.browser()!.newBrowserCDPSession()
  const samples = [await sampleOf(session)]
  let isDone = false
  const done = work().finally(() => {
    isDone = true
  })
  done.catch(() => {}) // awaited below
  while (!isDone) {
    await sleep(INTERVAL)
    samples.push(await sampleOf(session))
  }
  await done
  await session.detach()
  return samples
}

async function sampleOf(session: CDPSession): Promise<Sample> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const sum = (isCounted: (type: string) => boolean) =>
    processInfo
      .filter(({ type }) => isCounted(type))
      .reduce((sum, { id }) => sum + proportionalSetSize(id), 0)
  return { renderers: sum((type) => type === 'renderer'), others: sum((type) => type !== 'renderer') }
}

/** In MiB; 0 for a process that has just ended. */
function proportionalSetSize(pid: number): number {
  try {
    const rollUp = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s*(\d+) kB/m.exec(rollUp)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
