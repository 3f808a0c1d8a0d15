/** Small images, and what refers to them, pushed to a registry as clients push them. */

import { digestOf } from '../../../support/digest.ts'

export const SIGNATURE = 'application/vnd.dev.cosign.artifact.sig.v1+json'
export const VEX = 'application/vnd.openvex+json'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', data: '{}' }

type Registry = Readonly<Record<'url', string>>

export interface Pushed {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export interface Listed {
  readonly digest: string
  readonly artifactType: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** As text: each note makes another one. */
export function artifactOf(
  note: string,
  { subject, artifactType }: { subject?: Pushed; artifactType?: string },
) {
  const { mediaType, data } = EMPTY
  const empty = { mediaType, digest: digestOf(data), size: data.length }
  const annotations = { 'org.example.note': note }
  const artifact = { schemaVersion: 2, mediaType: MANIFEST, artifactType, config: empty, layers: [empty] }
  return JSON.stringify({ ...artifact, subject, annotations })
}

async function put(registry: Registry, repository: string, reference: string, body: string): Promise<Pushed> {
  const blob = `/v2/${repository}/blobs/uploads/?digest=${digestOf(EMPTY.data)}`
  await succeed(fetch(registry.url + blob, { method: 'POST', body: EMPTY.data }))
  const url = `${registry.url}/v2/${repository}/manifests/${reference}`
  await succeed(fetch(url, { method: 'PUT', headers: { 'Content-Type': MANIFEST }, body }))
  return { mediaType: MANIFEST, digest: digestOf(body), size: body.length }
}

/** Under a tag; each note makes another image. */
export const pushImage = (registry: Registry, repository: string, tag: string, note = tag): Promise<Pushed> =>
  put(registry, repository, tag, artifactOf(note, {}))

export function attach(
  registry: Registry,
  repository: string,
  subject: Pushed,
  artifactType: string,
  note = artifactType,
): Promise<Pushed> {
  const body = artifactOf(note, { subject, artifactType })
  return put(registry, repository, digestOf(body), body)
}

async function succeed(response: Promise<Response>): Promise<void> {
  const { status } = await response
  if (status !== 201) throw new Error(`a push was answered with ${status}`)
}

/** All pages of the list. */
export async function referrersOf(
  registry: Registry,
  repository: string,
  { digest }: Pushed,
): Promise<Listed[]> {
  const all: Listed[] = []
  for (let path: string | undefined = `/v2/${repository}/referrers/${digest}`; path; ) {
    const response: Response = await fetch(new URL(path, registry.url))
    all.push(...(await response.json()).manifests)
    path = /^<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  }
  return all
}
