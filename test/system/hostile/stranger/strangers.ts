/** Starts strangers, and reads what they got. */
import { fileURLToPath } from 'node:url'
import { startChild } from '../../../support/child-process.ts'
import { run } from '../../../support/command.ts'
import type { Errand } from '../../peers/local-client.ts'
import type { Host } from '../../peers/private-network.ts'
import type { Loot, Plan } from './stranger.ts'

const PROGRAM = fileURLToPath(new URL('stranger.ts', import.meta.url))
const CLIENT = fileURLToPath(new URL('../../peers/local-client.ts', import.meta.url))

export interface Stranger extends AsyncDisposable {
  /** Ends its process. */
  loot(): Promise<Loot>
}

export async function startStranger({ launcher }: Pick<Host, 'launcher'>, plan: Plan): Promise<Stranger> {
  const [program, ...options] = [...launcher, process.execPath, PROGRAM, JSON.stringify(plan)]
  const child = startChild(program!, options)
  await child.waitFor(/^there\n/m)
  return {
    async loot() {
      await child.end('SIGTERM')
      return JSON.parse(child.output().trim().split('\n').at(-1)!) as Loot
    },
    [Symbol.asyncDispose]: async () => void (await child.end('SIGKILL')),
  }
}

/** Asks the registry on its own host. */
export async function perform({ launcher }: Pick<Host, 'launcher'>, errand: Errand) {
  const [program, ...options] = [...launcher, process.execPath, CLIENT, JSON.stringify(errand)]
  return JSON.parse(await run(program!, options))
}
