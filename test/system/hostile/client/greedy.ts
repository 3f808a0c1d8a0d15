/** What greedy clients have in common: connections that say exactly what they are told to, and read nothing. */
import { connect, type Socket } from 'node:net'
import type { InMemoryRegistry } from '../../../support/in-memory-registry.ts'
import type { RegistryProcess } from '../../../support/registry-process.ts'

export interface Crowd extends AsyncDisposable {
  readonly sockets: readonly Socket[]
  /** How many the registry has not closed. */
  open(): number
  /** Begins to read, which it takes to learn that a connection was closed; waits until all are. */
  closed(): Promise<void>
}

interface CrowdOptions {
  /** Where they come from, as the registry sees it. */
  readonly from?: string
}

/** So many connections, each of which sends its `text` and then neither reads nor says anything. */
export async function openCrowd(
  { url }: Pick<RegistryProcess, 'url'>,
  count: number,
  text: (number: number) => string | Uint8Array,
  { from = '127.0.0.1' }: CrowdOptions = {},
): Promise<Crowd> {
  const port = Number(new URL(url).port)
  const sockets: Socket[] = []
  for (let number = 0; number < count; number++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from })
    sockets.push(socket.on('error', () => {}))
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
    const bytes = text(number)
    if (bytes.length > 0) await new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
  }
  return {
    sockets,
    open: () => sockets.filter((socket) => !socket.closed).length,
    async closed() {
      const open = sockets.filter((socket) => !socket.closed)
      await Promise.all(
        open.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))),
      )
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

export const get = (path: string, fields = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`

/** For the helpers that push. */
export const pusherTo = ({ url }: Pick<RegistryProcess, 'url'>): InMemoryRegistry =>
  ({
    fetch: (method: string, path: string, init: RequestInit = {}) => fetch(url + path, { ...init, method }),
  }) as unknown as InMemoryRegistry
