/** The service worker's entry. It adds all event listeners synchronously, as browsers require, and opens nothing yet. */
/// <reference types="vite/client" />
import '../engine/streams.ts'
import wasmUrl from 'wa-sqlite/dist/wa-sqlite-async.wasm?url'
import type { PrecacheEntry } from 'workbox-precaching'
import type { Log } from '../../core/log.ts'
import { blobOf } from '../disk/file-content.ts'
import { createExclusive } from './exclusive.ts'
import { createFetchHandler } from './fetch-handler.ts'
import { createHandedOverListener } from './handed-over.ts'
import { type LocalRegistry, openLocalRegistry } from './local-registry.ts'
import { readShellFile, serveShell } from './shell.ts'
import { followUpdates } from './updates.ts'

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: readonly PrecacheEntry[]
  /** Set by a line that the server puts in front of this script. */
  readonly isIsolated?: boolean
}

const wasm = async () => WebAssembly.compileStreaming(asWasm(await readShellFile(wasmUrl)))

/** Sets the type that `compileStreaming` requires, because a static host may not send it. */
const asWasm = ({ body }: Response) => new Response(body, { headers: { 'Content-Type': 'application/wasm' } })

/** Tools that keep only the text of a line get the cause, too. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `, because of ${textOf(error.cause)}`
  return `${error.stack ?? error}${cause}`
}

/** Logs to the console of the developer tools. */
const log: Log = {
  debug: () => {}, // would hide the rest
  info: (message, fields = {}) => console.info(message, fields),
  warn: (message, fields = {}) => console.warn(message, fields),
  error: (message, { err, ...fields } = {}) => console.error(`${message}: ${textOf(err)}`, fields),
}

const store = createExclusive<LocalRegistry>('flotilla-store', ({ release }) =>
  openLocalRegistry({ clients: self.clients, wasm, onMalformed: release, log }),
)
const { openEarly, handle, handleWithBody } = createFetchHandler({ store, blobOf, log })

// Before Workbox, whose listener would handle these requests, too.
self.addEventListener('fetch', (event) => {
  openEarly(event)
  const response = handle(event)
  if (!response) return
  event.stopImmediatePropagation()
  event.respondWith(response)
})
self.addEventListener('message', createHandedOverListener(handleWithBody))
self.addEventListener('message', (event) => store.ifOpen((registry) => registry.receive(event)))
followUpdates(self, store)
serveShell(self.__WB_MANIFEST, self.isIsolated ?? false)
