/**
 * A whole registry within the test's own process: the memory disk and SQLite in memory below it, the web's `fetch`
 * in front. Every test opens its own.
 */
import { type Assembly, assemble } from '../../src/core/assemble.ts'
import { createMemoryDisk } from '../../src/core/blobs/memory-disk.ts'
import type { Bytes, Disk } from '../../src/core/blobs/ports.ts'
import { type Config, configSchema } from '../../src/core/config.ts'
import { createFetch } from '../../src/core/http/fetch.ts'
import { silentLog } from '../../src/core/log.ts'
import { digestOf } from '../../src/core/oci/digest.ts'
import { createManifestReceiver } from '../../src/core/registry/receive-manifest.ts'
import { createRegistry } from '../../src/core/registry/registry.ts'
import type { Remote } from '../../src/core/store/remote.ts'
import type { Store } from '../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../src/node/sqlite.ts'

/** Where the registry believes to be. */
export const ORIGIN = 'http://registry.example'

/** Sections of a configuration file. Deletion is on; everything else has its default. */
export type Settings = Readonly<
  Partial<Record<'storage' | 'http' | 'validation' | 'tags' | 'catalog', Readonly<Record<string, unknown>>>>
>

export interface Asking {
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array<ArrayBuffer> | Bytes | undefined
  readonly signal?: AbortSignal | undefined
}

export interface InMemoryRegistry extends AsyncDisposable, Pick<Assembly, 'registry' | 'store'> {
  readonly disk: Disk
  /** `path` with its query, from `/v2/` on, or a URL that the registry answered with. */
  fetch(method: string, path: string, asking?: Asking): Promise<Response>
  close(): Promise<void>
}

/** Makes what the registry asks for what its store lacks. */
export type MakeElsewhere = (store: Store, disk: Disk) => Remote

export async function openInMemoryRegistry(
  settings: Settings = {},
  makeElsewhere?: MakeElsewhere,
): Promise<InMemoryRegistry> {
  const disk = createMemoryDisk()
  const database = await openSqliteInMemory()
  const config = configOf(settings)
  const {
    registry: alone,
    store,
    stayAlone,
    close,
  } = await assemble({
    disk,
    database,
    config,
    log: silentLog,
  })
  stayAlone()
  const remote = makeElsewhere?.(store, disk)
  const services = { store, config, log: silentLog, digestOf, manifestReceiver: createManifestReceiver() }
  const registry = remote ? createRegistry({ ...services, remote }) : alone
  const fetch = createFetch(registry)
  const closeAll = async () => {
    await close()
    await database.close()
  }
  return {
    registry,
    store,
    disk,
    fetch: (method, path, asking = {}) => {
      // As bytes, since Request adds a content type to text.
      const body = typeof asking.body === 'string' ? Buffer.from(asking.body) : asking.body
      const init = { ...asking, method, body, duplex: 'half' } as RequestInit
      return fetch(new Request(new URL(path, ORIGIN), init))
    },
    close: closeAll,
    [Symbol.asyncDispose]: closeAll,
  }
}

export function configOf({ storage, ...settings }: Settings = {}): Config {
  const defaults = { inmemory: {}, delete: { enabled: true } }
  return configSchema.parse({ version: 0.1, storage: { ...defaults, ...storage }, ...settings })
}
