/**
 * What the benchmark does inside a page, ours or the bare one: `page-script.ts` makes a script of it, which leaves it
 * there as `bench`. Times are in seconds, and sizes in bytes.
 */
import { createHash } from '../../src/browser/hash.ts'
import { pushArchive } from '../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../src/core/archive/import/read-archive.ts'
import { createClient } from '../../src/core/client/client.ts'
import { type Digest, digestOf } from '../../src/core/oci/digest.ts'
import { OCI_MANIFEST } from '../../src/core/oci/media-type.ts'

/** What a service worker gets of a body at a time. */
const CHUNK = 64 * 1024
const BLOCK = 1024 * 1024
const WRITES_AT_ONCE = 4

const INPUT = 'bench-file'

const pageSide = {
  /** Reads to the end, and keeps nothing. */
  async read(url: string): Promise<{ seconds: number; size: number }> {
    const start = performance.now()
    const { status, body } = await fetch(url)
    if (status !== 200) throw new Error(`${url} was answered by ${status}`)
    let size = 0
    for await (const chunk of body!) size += chunk.length
    return { seconds: secondsSince(start), size }
  },

  /** Milliseconds of each of so many readings, one after the other. */
  async readOften(url: string, count: number): Promise<number[]> {
    const times: number[] = []
    while (times.length < count) times.push((await pageSide.read(url)).seconds * 1000)
    return times
  },

  /** For a file on the disk, in place of the one before. Gives the selector of its input. */
  addFileInput(): string {
    document.getElementById(INPUT)?.remove()
    const input = Object.assign(document.createElement('input'), { type: 'file', id: INPUT })
    document.body.append(input)
    return `#${INPUT}`
  },

  /** Pushes the chosen file by POST and one PUT. */
  async putFile(repository: string, digest: string): Promise<number> {
    const start = performance.now()
    const session = await fetch(`/v2/${repository}/blobs/uploads/`, { method: 'POST' })
    const location = new URL(session.headers.get('location')!, document.baseURI)
    location.searchParams.set('digest', digest)
    const { status } = await fetch(location, { method: 'PUT', body: chosenFile() })
    if (status !== 201) throw new Error(`the push was answered by ${status}`)
    return secondsSince(start)
  },

  /** Pushes the chosen file as the page does. */
  async pushFile(repository: string, digest: string): Promise<number> {
    const start = performance.now()
    await createClient().pushBlob(repository, digest as Digest, chosenFile(), { onProgress() {} })
    return secondsSince(start)
  },

  /** Imports the chosen file as the page does. */
  async importFile(): Promise<number> {
    const start = performance.now()
    await pushArchive(await readArchive(chosenFile()), createClient(), { onProgress() {} })
    return secondsSince(start)
  },

  /** Sends the chosen file to a worker that only reads it. */
  async sendFile(url: string): Promise<number> {
    const file = chosenFile()
    const start = performance.now()
    const received: unknown = await (await fetch(url, { method: 'POST', body: file })).json()
    if (received !== file.size) throw new Error(`the worker received ${received} bytes`)
    return secondsSince(start)
  },

  /** Writes a file of the origin's own. */
  async writeFile(name: string, size: number): Promise<number> {
    const block = crypto.getRandomValues(new Uint32Array(CHUNK / 4))
    const blocks = new Blob(Array.from({ length: BLOCK / CHUNK }, () => block))
    const bytes = await blocks.arrayBuffer()
    const start = performance.now()
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(name, { create: true })
    const writable = await handle.createWritable()
    const writes: Promise<void>[] = []
    for (let at = 0; at < size; at += BLOCK) {
      await writes[writes.length - WRITES_AT_ONCE]
      writes.push(writable.write(bytes.slice(0, Math.min(BLOCK, size - at))))
    }
    await writable.close()
    return secondsSince(start)
  },

  async hash(size: number): Promise<number> {
    const chunk = new Uint8Array(CHUNK)
    const hasher = await createHash('sha256')
    const start = performance.now()
    for (let at = 0; at < size; at += CHUNK) hasher.update(chunk)
    hasher.digest()
    return secondsSince(start)
  },

  /** An image of next to nothing. Gives the digest of its manifest. */
  async pushImage(repository: string, tag: string): Promise<Digest> {
    const client = createClient()
    const bytes = new TextEncoder().encode('{}')
    const content = { digest: await digestOf(bytes), size: bytes.length }
    await client.pushBlob(repository, content.digest, new Blob([bytes]))
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...content }
    const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...content }]
    const document = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }
    const manifest = new TextEncoder().encode(JSON.stringify(document))
    await client.putManifest(repository, tag, { mediaType: OCI_MANIFEST, bytes: manifest })
    return await digestOf(manifest)
  },

  /** Who is reached, and how. */
  async fetchers(): Promise<string[]> {
    const { peers } = await (await fetch('/flotilla/peers')).json()
    return peers.map(({ protocol }: { protocol: string }) => protocol)
  },

  /** Where a held blob came from. */
  async sourceOf(digest: string): Promise<string> {
    const { source } = await (await fetch(`/flotilla/blobs/${digest}`)).json()
    return source
  },

  async setPeers(peers: readonly string[]): Promise<void> {
    const body = JSON.stringify({ budget: null, peers, trust: [] })
    const { status } = await fetch('/flotilla/settings', { method: 'PUT', body })
    if (status !== 200) throw new Error(`the settings were answered by ${status}`)
  },
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000

const chosenFile = (): File => (document.getElementById(INPUT) as HTMLInputElement).files![0]!

declare global {
  var bench: PageSide
}

export type PageSide = typeof pageSide

globalThis.bench = pageSide
