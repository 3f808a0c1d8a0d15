/** Parses what people type or paste to name an image: a reference, a docker command line, a URL. */
import { isName, parseReference } from '../../../core/oci/name.ts'

export interface TypedImage {
  /** The registry, such as `docker.io`; `name` does not include it. */
  readonly host: string | undefined
  readonly name: string
  /** A tag or a digest; `undefined` if none was typed. */
  readonly reference: string | undefined
}

const TOOL =
  /^(?:\$\s+)?(?:sudo\s+)?(?:docker|podman|nerdctl|crictl|ctr|buildah|skopeo|crane|oras|regctl)\s+\S+\s+\S/

const SCHEME = /^(?<scheme>https?|docker|oci):\/\//i

const REFERENCE = /^(?<path>[^@]*?)(?::(?<tag>[^:/@]*))?(?:@(?<digest>[^@]+))?$/

/** Docker's rule for whether the part before the first slash is a host. */
const HOST = /[.:]|^localhost$/

const DOCKER_HUB =
  /^(?:docker\.io|index\.docker\.io|registry-1\.docker\.io|registry\.hub\.docker\.com|hub\.docker\.com)$/

export const isDockerHub = (host: string | undefined): boolean => DOCKER_HUB.test(host ?? '')

/** `undefined` if the text does not name an image. */
export function parseTypedImage(text: string): TypedImage | undefined {
  const argument = argumentIn(text.trim())
  const { scheme = '' } = SCHEME.exec(argument)?.groups ?? {}
  const isAddress = /^http/i.test(scheme)
  const bare = argument.slice(scheme ? scheme.length + 3 : 0)
  const { path = '', tag, digest } = REFERENCE.exec(isAddress ? withoutQuery(bare) : bare)?.groups ?? {}
  const { host, name } = split(path, isAddress)
  const reference = digest ?? tag
  if (!isName(name) || (reference && !parseReference(reference))) return undefined
  return { host, name, reference: reference || undefined }
}

/** The image in a command line: the source of a copy, otherwise the last argument. */
function argumentIn(text: string): string {
  if (!TOOL.test(text)) return text
  const words = text.split(/\s+/)
  return words.find((word) => word.startsWith('docker://')) ?? words.at(-1)!
}

/** For URLs that were copied from a browser. */
const withoutQuery = (text: string): string => text.replace(/[?#].*$/, '').replace(/\/$/, '')

function split(path: string, isAddress: boolean): { host: string | undefined; name: string } {
  const slash = path.indexOf('/')
  const first = path.slice(0, Math.max(slash, 0))
  if (!isAddress && !HOST.test(first)) return { host: undefined, name: path }
  const host = isAddress && slash < 0 ? path : first
  const rest = path.slice(host.length + 1)
  const name = isAddress ? rest.replace(/^r\//, '') : rest // the page's own path of an image
  return { host, name: isDockerHub(host) && !name.includes('/') ? `library/${name}` : name }
}
