/** A registry client that does one request at a time and hides nothing of it: what a push is made of. */

import { OCI_MANIFEST, OCTET_STREAM } from '../../../src/core/oci/media-type.ts'
import type { Blob } from './content.ts'

export interface Client {
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>
  /** Like `send`. @throws Refusal for any other status */
  expect(status: number, method: string, path: string, options?: RequestOptions): Promise<Answer>
}

/** A response that was read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface RequestOptions {
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
  readonly headers?: Record<string, string>
}

export const blobPath = (repository: string, digest: string): string => `/v2/${repository}/blobs/${digest}`

export const manifestPath = (repository: string, reference: string): string =>
  `/v2/${repository}/manifests/${reference}`

/** `url` is asked for at each request, as a registry that was started again has another one. */
export const createClient = (url: () => string): Client => {
  const send: Client['send'] = async (method, path, { body, headers: fields = {} } = {}) => {
    const response = await fetch(url() + path, {
      method,
      headers: fields,
      ...(body && { body, duplex: 'half' }),
    })
    const { status, headers } = response
    return { status, headers, bytes: new Uint8Array(await response.arrayBuffer()) }
  }
  return {
    send,
    async expect(status, ...request) {
      const response = await send(...request)
      if (response.status === status) return response
      throw new Refusal(
        `${request[0]} ${request[1]}`,
        response.status,
        new TextDecoder().decode(response.bytes),
      )
    },
  }
}

/** An answer that was not hoped for. */
export class Refusal extends Error {
  readonly status: number
  readonly body: string

  constructor(request: string, status: number, body: string) {
    super(`${request} gave ${status}: ${body}`)
    this.status = status
    this.body = body
  }
}

export const pushBlob = (client: Client, repository: string, { bytes, digest }: Blob): Promise<Answer> =>
  client.expect(201, 'POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body: bytes })

/** Gives the path of the new upload. */
export const startUpload = async (client: Client, repository: string): Promise<string> => {
  const response = await client.expect(202, 'POST', `/v2/${repository}/blobs/uploads/`)
  return new URL(response.headers.get('location')!).pathname
}

/** A chunk that says where it belongs. */
export const chunkAt = (start: number, bytes: Uint8Array<ArrayBuffer>): RequestOptions => ({
  body: bytes,
  headers: { 'content-type': OCTET_STREAM, 'content-range': `${start}-${start + bytes.length - 1}` },
})

/** Bytes that the upload has received, by the answer to a `PATCH` or `GET` on it. */
export const receivedIn = (response: Answer): number => {
  const end = Number(response.headers.get('range')!.split('-')[1])
  return end === 0 ? 0 : end + 1
}

export const pushManifest = (
  client: Client,
  repository: string,
  reference: string,
  manifest: Blob,
): Promise<Answer> => client.expect(201, 'PUT', manifestPath(repository, reference), manifestBody(manifest))

export const manifestBody = ({ bytes }: Blob): RequestOptions => ({
  body: bytes,
  headers: { 'content-type': OCI_MANIFEST },
})

/** `undefined` where the registry does not have it. */
export const pull = async (client: Client, path: string): Promise<Uint8Array | undefined> => {
  const { status, bytes } = await client.send('GET', path)
  if (status === 200) return bytes
  if (status === 404) return undefined
  throw new Error(`GET ${path} gave ${status}`)
}
