/**
 * Pins in Helia. Its own way to pin reads every block of the DAG to find the next ones; here the nodes are known, so
 * no block is read again, and a DAG can be unpinned after its blob is gone.
 */
import { CID } from 'multiformats/cid'
import type { Pinner } from './pinner.ts'

interface Options {
  walker?: (components: never) => Walker
  metadata?: Record<string, string | number | boolean>
  signal?: AbortSignal
}

/** Yields blocks; the pins of Helia look at nothing of them but the CID. */
interface Walker {
  // biome-ignore lint/suspicious/noExplicitAny: a whole block stands in Helia's type
  walk(root: CID): AsyncGenerator<any>
}

/** What is needed of Helia's `pins`. */
export interface HeliaPins {
  add(root: CID, options?: Options): AsyncIterable<CID>
  rm(root: CID, options?: Options): AsyncIterable<CID>
  get(root: CID, options?: { signal?: AbortSignal }): Promise<Pick<Options, 'metadata'>>
}

export function createHeliaPinner(pins: HeliaPins): Pinner {
  return {
    async pin(root, nodes, { signal }) {
      const options = { walker: walkerOver(nodes), metadata: { nodes: nodes.join(' ') }, signal }
      await unless('AlreadyPinnedError', () => exhaust(pins.add(root, options)))
    },

    async unpin(root, { signal }) {
      await unless('NotFoundError', async () => {
        const { metadata } = await pins.get(root, { signal })
        const nodes = String(metadata?.['nodes'] ?? root)
          .split(' ')
          .map((text) => CID.parse(text))
        await exhaust(pins.rm(root, { walker: walkerOver(nodes), signal }))
      })
    },
  }
}

const walkerOver = (nodes: readonly CID[]) => () => ({
  async *walk() {
    for (const cid of nodes) yield { block: { cid } }
  },
})

async function exhaust(steps: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of steps);
}

/** An error of this name means that there was nothing left to do. */
async function unless(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== name) throw error
  }
}
