/** The names that archives give their images, as repositories and tags of a registry. */
import { isName, isTag } from '../oci/name.ts'

export interface ImageName {
  /** Absent if the archive only gives a tag. */
  readonly repository?: string
  readonly tag?: string
}

/** A first path component of this form is the host of a registry (Docker's rule). */
const HOST = /[.:]|^localhost$/

/** All names of Docker Hub. Go programs write `index.docker.io`; Docker's own reference library reads all of them. */
const DOCKER_HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']

/**
 * `host/path:tag` without the host, as `docker images` shows the images of Docker Hub: `docker.io/library/alpine:3.20` is
 * `alpine:3.20`, `ghcr.io/a/b:1` is `a/b:1`. A digest after it is dropped. `undefined` if `text` is not an image name.
 */
export function parseImageName(text: string): ImageName | undefined {
  const [named] = text.split('@', 1) as [string]
  const colon = named.lastIndexOf(':')
  const hasTag = colon > named.lastIndexOf('/')
  const repository = withoutHost(hasTag ? named.slice(0, colon) : named)
  const tag = hasTag ? named.slice(colon + 1) : undefined
  if (!isName(repository) || (tag !== undefined && !isTag(tag))) return undefined
  return { repository, ...(tag !== undefined && { tag }) }
}

function withoutHost(path: string): string {
  const slash = path.indexOf('/')
  const host = path.slice(0, Math.max(0, slash))
  if (!HOST.test(host)) return path
  const rest = path.slice(slash + 1)
  return DOCKER_HUB.includes(host) ? rest.replace(/^library\/(?=[^/]+$)/, '') : rest
}

/** `docker.io/library/alpine:3.20`: the form in which containerd and Docker store names. */
export function fullName(repository: string, tag: string): string {
  const slash = repository.indexOf('/')
  if (HOST.test(repository.slice(0, Math.max(0, slash)))) return `${repository}:${tag}`
  return `docker.io/${slash < 0 ? 'library/' : ''}${repository}:${tag}`
}

/** The repository that a file name suggests, for archives without names: `Busy Box.tar.gz` is `busy-box`. */
export function repositoryOf(fileName: string): string | undefined {
  const stem = fileName.replace(/^.*[/\\]/, '').replace(/(\.(oci|docker))?\.(tar|tgz|tar\.[a-z0-9]+)$/i, '')
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return isName(name) ? name : undefined
}
