/** Blobs of 4 KiB, each by POST and PUT, over one connection and over eight. */
import { randomBytes } from 'node:crypto'
import { KIB } from '../client/blob.ts'
import { type Job, timeJobs } from '../client/load.ts'
import { digestOf, pushSmall } from '../client/registry.ts'
import type { Scenario, Stage } from '../scenario.ts'

export const pushSmallBlobs: Scenario = {
  name: 'push-small',
  title: 'Push blobs of 4 KiB',
  figures: [
    { name: '1 connection', unit: 'blobs/s', better: 'more', ratio: 3.5 },
    { name: '8 connections', unit: 'blobs/s', better: 'more', ratio: 3.5 },
  ],
  lasts: 'round',
  ready: readySmall,
}

async function readySmall(stage: Stage) {
  const { smallBlobs } = stage.size
  const { port } = await stage.start()
  await timeJobs(port, 8, jobs(smallBlobs / 2))
  const one = jobs(smallBlobs)
  const eight = jobs(2 * smallBlobs)
  return async () => ({
    '1 connection': one.length / (await timeJobs(port, 1, one)),
    '8 connections': eight.length / (await timeJobs(port, 8, eight)),
  })
}

function jobs(count: number): Job[] {
  return Array.from({ length: count }, () => {
    const body = randomBytes(4 * KIB)
    const digest = digestOf(body)
    return (connection) => pushSmall(connection, body, digest)
  })
}
