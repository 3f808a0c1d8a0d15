/**
 * The requests of the distribution specification that the scenarios are made of, as bytes for a connection.
 * Every answer's status is checked, so that a figure never comes from a server that refuses.
 */
import { createHash } from 'node:crypto'
import { MIB, type RandomBlob } from './blob.ts'
import { chunkedBody } from './chunked.ts'
import type { Connection } from './connection.ts'
import { type Answer, headerOf } from './response.ts'

export const REPOSITORY = 'bench/image'
export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const PATCH_BYTES = 16 * MIB

type Headers = Readonly<Record<string, string | number>>

/** A request's head; `Host` is the same for every server, which costs neither of them anything. */
export function requestHead(method: string, path: string, headers: Headers = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`
}

export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer
  throw new Error(`expected ${status}, got: ${answer.head.split('\r\n')[0]}`)
}

/** POST and one PUT with the whole body. */
export async function pushByPut(connection: Connection, blob: RandomBlob): Promise<void> {
  const location = await startUpload(connection)
  const head = finishHead(location, blob.digest, blob.size)
  expectStatus(await connection.request(head, blob.pieces()), 201)
}

/** Like {@link pushByPut} for a body that fits into one write. */
export async function pushSmall(
  connection: Connection,
  body: Buffer,
  digest: string,
  repository = REPOSITORY,
): Promise<void> {
  const location = await startUpload(connection, repository)
  const head = Buffer.from(finishHead(location, digest, body.length), 'latin1')
  expectStatus(await connection.request(Buffer.concat([head, body])), 201)
}

/** A push by one PATCH in chunked transfer coding, framed now; the push begins when the result is called. */
export function chunkedPush(blob: RandomBlob): (connection: Connection) => Promise<void> {
  const body = chunkedBody(blob)
  return async (connection) => {
    const headers = { 'Content-Type': 'application/octet-stream', 'Transfer-Encoding': 'chunked' }
    const head = requestHead('PATCH', await startUpload(connection), headers)
    const patched = expectStatus(await connection.request(head, body), 202)
    expectStatus(await connection.request(finishHead(locationOf(patched), blob.digest, 0)), 201)
  }
}

/** PATCH after PATCH of 16 MiB, then an empty PUT. */
export async function pushByPatches(connection: Connection, blob: RandomBlob): Promise<void> {
  let location = await startUpload(connection)
  for (let start = 0; start < blob.size; start += PATCH_BYTES) {
    const end = Math.min(blob.size, start + PATCH_BYTES)
    const head = requestHead('PATCH', location, {
      'Content-Type': 'application/octet-stream',
      'Content-Range': `${start}-${end - 1}`,
      'Content-Length': end - start,
    })
    location = locationOf(expectStatus(await connection.request(head, blob.pieces(start, end)), 202))
  }
  expectStatus(await connection.request(finishHead(location, blob.digest, 0)), 201)
}

/** Reads the whole blob and drops it. */
export async function pull(connection: Connection, blob: RandomBlob): Promise<void> {
  const path = `/v2/${REPOSITORY}/blobs/${blob.digest}`
  const { received } = expectStatus(await connection.request(requestHead('GET', path)), 200)
  if (received !== blob.size) throw new Error(`pulled ${received} bytes of ${blob.size}`)
}

/** The whole PUT of a manifest, ready to be sent. */
export function manifestPut(tag: string, manifest: string, repository = REPOSITORY): Buffer {
  const headers = { 'Content-Type': MANIFEST_TYPE, 'Content-Length': Buffer.byteLength(manifest) }
  return Buffer.from(requestHead('PUT', `/v2/${repository}/manifests/${tag}`, headers) + manifest)
}

export const digestOf = (bytes: Buffer | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

async function startUpload(connection: Connection, repository = REPOSITORY): Promise<string> {
  const head = requestHead('POST', `/v2/${repository}/blobs/uploads/`, { 'Content-Length': 0 })
  return locationOf(expectStatus(await connection.request(head), 202))
}

function finishHead(location: string, digest: string, length: number): string {
  const path = `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`
  return requestHead('PUT', path, { 'Content-Type': 'application/octet-stream', 'Content-Length': length })
}

/** Path and query of the `Location`, which may be absolute. */
function locationOf(answer: Answer): string {
  const { pathname, search } = new URL(headerOf(answer, 'Location') ?? '', 'http://localhost')
  return pathname + search
}
