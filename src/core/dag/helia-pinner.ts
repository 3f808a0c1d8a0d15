/**
 * Pins in Helia. By default Helia reads every block of the DAG to find the next ones. Here the nodes are known, so no
 * block is read again, and a DAG can be unpinned after its blob was deleted.
 */
import { CID } from 'multiformats/cid'
import type { Pinner } from './pin-queue.ts'

interface Options {
  walker?: (components: never) => Walker
  metadata?: Record<string, string | number | boolean>
  signal?: AbortSignal
}

/** Yields blocks, of which Helia's pins use only the CID. */
interface Walker {
  // biome-ignore lint/suspicious/noExplicitAny: Helia's type asks for a whole block
  walk(root: CID): AsyncGenerator<any>
}

/** The part of Helia's `pins` that is used here. */
export interface HeliaPins {
  add(root: CID, options?: Options): AsyncIterable<CID>
  rm(root: CID, options?: Options): AsyncIterable<CID>
  get(root: CID, options?: { signal?: AbortSignal }): Promise<Pick<Options, 'metadata'>>
}

export function createHeliaPinner(pins: HeliaPins): Pinner {
  return {
    async pin(root, nodes, { signal }) {
      const options = { walker: walkerOver(nodes), metadata: { nodes: nodes.join(' ') }, signal }
      await ignoring('AlreadyPinnedError', () => exhaust(pins.add(root, options)))
    },

    async unpin(root, { signal }) {
      await ignoring('NotFoundError', async () => {
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

/** An error of this name means that there was nothing to do. */
async function ignoring(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== name) throw error
  }
}
