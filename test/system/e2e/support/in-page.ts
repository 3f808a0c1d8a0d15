/** What tests do with a page's registry. Each function runs in the page, with what `content.ts` provides. */
import type { Made } from './content.ts'

/** Returns the digest. */
export async function pushBlob({ name, made }: { name: string; made: Made }): Promise<string> {
  const blob = window.content(made)
  const digest = await window.digestOf(blob)
  const path = `/v2/${name}/blobs/uploads/?digest=${digest}`
  const response = await fetch(path, { method: 'POST', body: blob })
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
  return digest
}

/** The status and the digest of the body. */
export async function pullBlob({ name, digest }: { name: string; digest: string }) {
  const response = await fetch(`/v2/${name}/blobs/${digest}`)
  return { status: response.status, digest: await window.digestOf(await response.blob()) }
}

/** The digests of an image and its blobs, computed from the responses, sorted. */
export async function pullImage({ name, tag }: { name: string; tag: string }): Promise<string[]> {
  const found = new Set<string>()
  await pullManifest(tag)
  return [...found].sort()

  async function pull(path: string): Promise<Blob> {
    const headers = { Accept: 'application/vnd.oci.image.index.v1+json, */*' }
    const response = await fetch(`/v2/${name}/${path}`, { headers })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    const blob = await response.blob()
    found.add(await window.digestOf(blob))
    return blob
  }

  async function pullManifest(reference: string): Promise<void> {
    const document = JSON.parse(await (await pull(`manifests/${reference}`)).text())
    for (const { digest } of document.manifests ?? []) await pullManifest(digest)
    const blobs = document.config ? [document.config, ...document.layers] : []
    for (const { digest } of blobs) await pull(`blobs/${digest}`)
  }
}

/** The paths of all files of the page's origin. */
export async function filesOf(): Promise<string[]> {
  const files: string[] = []
  await list(await navigator.storage.getDirectory(), '')
  return files.sort()

  async function list(folder: FileSystemDirectoryHandle, path: string): Promise<void> {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === 'directory') await list(handle as FileSystemDirectoryHandle, `${path}${name}/`)
      else files.push(`${path}${name}`)
    }
  }
}
