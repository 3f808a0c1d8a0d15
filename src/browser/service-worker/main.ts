/** The service worker's entry. What the browser may call is put in place here, at once; nothing is opened yet. */
/// <reference types="vite/client" />
import '../engine/streams.ts'
import wasmUrl from 'wa-sqlite/dist/wa-sqlite-async.wasm?url'
import type { PrecacheEntry } from 'workbox-precaching'
import { blobOf } from '../disk/file-content.ts'
import { consoleLog as log } from './console-log.ts'
import { createExclusive } from './exclusive.ts'
import { createFetchHandler } from './fetch-handler.ts'
import { answerHandedOver } from './handed-over.ts'
import { type LocalRegistry, openLocalRegistry } from './local-registry.ts'
import { readShellFile, serveShell } from './shell.ts'
import { followLifeCycle } from './updates.ts'

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: readonly PrecacheEntry[]
  /** Set by a line that a server puts in front of this script. */
  readonly isIsolated?: boolean
}

const wasm = async () => WebAssembly.compileStreaming(asWasm(await readShellFile(wasmUrl)))

/** A static host may not know the type, without which nothing is compiled. */
const asWasm = ({ body }: Response) => new Response(body, { headers: { 'Content-Type': 'application/wasm' } })

const store = createExclusive<LocalRegistry>('flotilla-store', ({ letGo }) =>
  openLocalRegistry({ clients: self.clients, wasm, onMalformed: letGo, log }),
)
const { awaken, answer, answerWith } = createFetchHandler({ store, blobOf, log })

// Before Workbox, which would look at these requests too.
self.addEventListener('fetch', (event) => {
  awaken(event)
  const response = answer(event)
  if (!response) return
  event.stopImmediatePropagation()
  event.respondWith(response)
})
self.addEventListener('message', answerHandedOver(answerWith))
self.addEventListener('message', (event) => store.ifOpen((registry) => registry.receive(event)))
followLifeCycle(self, store)
serveShell(self.__WB_MANIFEST, self.isIsolated ?? false)
