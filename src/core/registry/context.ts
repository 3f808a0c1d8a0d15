/** What an endpoint gets to answer one request. */
import type { Config } from '../config.ts'
import type { RegistryRequest, RegistryResponse } from '../http/message.ts'
import type { Log } from '../log.ts'
import { type Digest, type DigestOf, requireDigest } from '../oci/digest.ts'
import { isName, requireName } from '../oci/name.ts'
import type { ExplainAbsence, Remote } from '../store/remote.ts'
import type { Store } from '../store/store.ts'
import { type Locations, locationsFor } from './locations.ts'
import type { ManifestReceiver } from './receive-manifest.ts'

/** What all requests share. */
export interface Services {
  readonly store: Store
  readonly config: Config
  readonly log: Log
  readonly digestOf: DigestOf
  readonly manifestReceiver: ManifestReceiver
  /** Absent if there are no peers to pull from. */
  readonly remote?: Remote | undefined
  /** Absent if no peers are asked. */
  readonly explain?: ExplainAbsence | undefined
}

export type Endpoint = (context: Context) => Promise<RegistryResponse>

export class Context {
  readonly store: Store
  readonly config: Config
  readonly log: Log
  readonly digestOf: DigestOf
  readonly manifestReceiver: ManifestReceiver
  readonly request: RegistryRequest
  readonly explain: ExplainAbsence | undefined
  readonly #remote: Remote | undefined
  readonly #parameters: Readonly<Record<string, string>>
  #query: URLSearchParams | undefined

  constructor(services: Services, request: RegistryRequest, parameters: Readonly<Record<string, string>>) {
    this.store = services.store
    this.config = services.config
    this.log = services.log
    this.digestOf = services.digestOf
    this.manifestReceiver = services.manifestReceiver
    this.#remote = services.remote
    this.explain = services.explain
    this.request = request
    this.#parameters = parameters
  }

  /** Where to pull from what is not here; nowhere for `Cache-Control: only-if-cached` (RFC 9111, section 5.2.1.7). */
  get remote(): Remote | undefined {
    return /\bonly-if-cached\b/i.test(this.request.header('cache-control') ?? '') ? undefined : this.#remote
  }

  /** `Cache-Control: no-store`: nothing that comes from peers may be stored for this request (RFC 9111, section 5.2.1.5). */
  get isPreview(): boolean {
    return /\bno-store\b/i.test(this.request.header('cache-control') ?? '')
  }

  /** @throws RegistryError NAME_INVALID */
  get name(): string {
    return requireName(this.#parameters['name']!)
  }

  /** A parameter of the path, decoded; the caller checks it. */
  parameter(name: string): string {
    return this.#parameters[name]!
  }

  /** The digest in the path. @throws RegistryError DIGEST_INVALID */
  get digest(): Digest {
    return requireDigest(this.parameter('digest'))
  }

  get query(): URLSearchParams {
    const { target } = this.request
    const mark = target.indexOf('?')
    this.#query ??= new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))
    return this.#query
  }

  get locations(): Locations {
    return locationsFor(this.request, this.config.http)
  }

  /**
   * The repository that a pull reads, and the response header that says so. `?ns=` names the registry that is mirrored.
   * A repository under that host comes first, and what is pulled from peers is stored there, unless there is a repository
   * without the host, which it would hide.
   *
   * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#registry-proxying
   */
  async resolveRepository(): Promise<{ repository: string; headers: Record<string, string> }> {
    const { name } = this
    const namespace = this.request.target.includes('ns=') ? this.query.get('ns') : null
    const scoped = `${namespace}/${name}`
    if (namespace && (await this.#isScoped(name, scoped))) {
      return { repository: scoped, headers: { 'OCI-Namespace': namespace } }
    }
    return { repository: name, headers: {} }
  }

  async #isScoped(name: string, scoped: string): Promise<boolean> {
    const { repositories } = this.store.catalog
    if (await repositories.exists(scoped)) return true
    return this.remote !== undefined && isName(scoped) && !(await repositories.exists(name))
  }
}
