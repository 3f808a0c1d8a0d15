/** A static host: serves a folder by HTTP. */
import { once } from 'node:events'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import sirv from 'sirv'

export interface StaticHost extends AsyncDisposable {
  readonly url: string
  readonly folder: string
}

export async function serveFolder(folder: string): Promise<StaticHost> {
  const files = sirv(folder, { dev: true, single: true })
  const server = createServer((request, response) => files(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    folder,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Replaces the service worker atomically, because the browser may check for updates at any time. */
export async function changeWorker({ folder }: StaticHost): Promise<void> {
  const path = join(folder, 'sw.js')
  await writeFile(`${path}.new`, `${await readFile(path, 'utf8')}\n// a new version`)
  await rename(`${path}.new`, path)
}
