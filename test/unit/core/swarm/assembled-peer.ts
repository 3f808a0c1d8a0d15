/** Registries with all of their API, the owner's too, whose swarm is the test's network. */
import { createHash } from 'node:crypto'
import { createApi } from '../../../../src/core/api/api.ts'
import { assemble } from '../../../../src/core/assemble.ts'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import { configSchema } from '../../../../src/core/config.ts'
import { createFetch } from '../../../../src/core/http/fetch.ts'
import type { RegistryRequest } from '../../../../src/core/http/message.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { Store } from '../../../../src/core/store/store.ts'
import type { RequestHandler } from '../../../../src/core/swarm/serve/handler.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import type { Asking } from '../../../support/in-memory-registry.ts'
import type { MemoryNetwork } from '../../../support/memory-network.ts'

export interface AssembledPeer extends AsyncDisposable {
  readonly store: Store
  readonly answer: RequestHandler
  /** `/v2/…` and `/flotilla/…`. */
  fetch(method: string, path: string, asking?: Asking): Promise<Response>
}

const ORIGIN = 'http://registry.example'

/** @param swarm - settings; with `enabled: false` it is in no swarm */
export async function openAssembledPeer(
  network: MemoryNetwork,
  name: string,
  swarm: Readonly<Record<string, unknown>> = {},
): Promise<AssembledPeer> {
  const disk = createMemoryDisk()
  const database = await openSqliteInMemory()
  const storage = { inmemory: {}, delete: { enabled: true } }
  const config = configSchema.parse({ version: 0.1, storage, swarm })
  const assembly = await assemble({ disk, database, config, log: silentLog })
  let answer: RequestHandler = async () => ({ value: null })
  if (config.swarm.enabled) {
    const joined = network.join(name, (...asked) => answer(...asked))
    answer = assembly.join({ network: joined, hashLeaf }).handler
  } else assembly.stayAlone()
  const api = createApi(assembly.admin, { log: silentLog })
  const registry = async (request: RegistryRequest) => {
    const match = api.find(request.target)
    return match ? api.answer(request, match) : assembly.registry(request)
  }
  const fetch = createFetch(registry)
  return {
    store: assembly.store,
    answer,
    fetch(method, path, asking = {}) {
      const body = typeof asking.body === 'string' ? Buffer.from(asking.body) : asking.body
      const init = { ...asking, method, body, duplex: 'half' } as RequestInit
      return fetch(new Request(new URL(path, ORIGIN), init))
    },
    async [Symbol.asyncDispose]() {
      await assembly.close()
      await database.close()
    },
  }
}

const hashLeaf = (leaf: Uint8Array) => ({ leaf, hash: createHash('sha256').update(leaf).digest() })
