/**
 * What the smoke tests do in a page. Each function runs there, with what `provideContent` provides; those that observe
 * the page return what they see, and the test polls them.
 */

/** Ways to push a blob from a page. */
export type Way = 'bytes' | 'Blob' | 'string' | 'monolithic POST' | 'chunked PATCH'

export interface Push {
  readonly way: Way
  readonly name: string
  readonly seed: number
  readonly size: number
  /** Milliseconds before each chunk. */
  readonly pause?: number
}

/** Returns the digest of the stored blob, computed from what the registry sends. */
export async function pushAndRead({
  way,
  name,
  seed,
  size,
  pause = 0,
}: Push): Promise<{ digest: string; read: string }> {
  const content = window.content({ seed, size })
  const blob = way === 'string' ? new Blob([await textOf(content)]) : content
  const digest = await window.digestOf(blob)
  await push()
  const response = await fetch(`/v2/${name}/blobs/${digest}`)
  return { digest, read: response.ok ? await window.digestOf(await response.blob()) : await response.text() }

  async function push(): Promise<void> {
    const uploads = `/v2/${name}/blobs/uploads/`
    if (way === 'monolithic POST') {
      await ask(201, `${uploads}?digest=${digest}`, { method: 'POST', body: blob })
      return
    }
    let location = await ask(202, uploads, { method: 'POST' })
    if (way !== 'chunked PATCH') {
      const body = way === 'Blob' ? blob : way === 'bytes' ? await blob.arrayBuffer() : await blob.text()
      await ask(201, `${location}?digest=${digest}`, { method: 'PUT', body })
      return
    }
    const chunk = Math.ceil(blob.size / 3)
    for (let start = 0; start < blob.size; start += chunk) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      const end = Math.min(blob.size, start + chunk)
      const headers = { 'Content-Range': `${start}-${end - 1}`, 'Content-Type': 'application/octet-stream' }
      location = await ask(202, location, { method: 'PATCH', headers, body: blob.slice(start, end) })
    }
    await ask(201, `${location}?digest=${digest}`, { method: 'PUT' })
  }

  async function ask(status: number, path: string, init: RequestInit): Promise<string> {
    const response = await fetch(path, init)
    if (response.status !== status)
      throw new Error(`${init.method} ${path}: ${response.status} ${await response.text()}`)
    return response.headers.get('location') ?? ''
  }

  async function textOf(bytes: Blob): Promise<string> {
    return Array.from(new Uint8Array(await bytes.arrayBuffer()), (byte) =>
      String.fromCharCode((byte % 95) + 32),
    ).join('')
  }
}

/** Pushes an image whose only layer is stored already. Returns the status. */
export async function pushManifest({
  name,
  tag,
  layer,
  size,
}: {
  name: string
  tag: string
  layer: string
  size: number
}) {
  const config = '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]},"config":{}}'
  const digest = await window.digestOf(new Blob([config]))
  const pushed = await fetch(`/v2/${name}/blobs/uploads/?digest=${digest}`, { method: 'POST', body: config })
  if (pushed.status !== 201) throw new Error(`the config: ${pushed.status} ${await pushed.text()}`)
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: config.length },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer, size }],
  })
  const headers = { 'Content-Type': mediaType }
  const { status } = await fetch(`/v2/${name}/manifests/${tag}`, { method: 'PUT', headers, body: manifest })
  return status
}

/** The status of the response to a request. */
export async function statusOf({ method, path }: { method: string; path: string }): Promise<number> {
  const headers = {
    Accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json',
  }
  const response = await fetch(path, { method, headers })
  await response.blob()
  return response.status
}

export async function listOf({ path, key }: { path: string; key: string }): Promise<string[]> {
  return (await (await fetch(path)).json())[key]
}

/** The visible text of the page. */
export const shownText = (): string => document.body.innerText

export const isShown = (selector: string): boolean => document.querySelector(selector) !== null

/** Whether the registry of this browser responds, and not the server. */
export const isControlled = (): boolean => navigator.serviceWorker?.controller?.state === 'activated'
