/** What an endpoint of the admin API is given, beyond what every endpoint is. */
import type { Json } from '../api/schemas.ts'
import type { RegistryRequest } from '../http/message.ts'
import { Context, type Services } from '../registry/context.ts'

/** What the platform says of its storage, in bytes: the Storage API's `StorageEstimate`. */
export interface Estimate {
  readonly usage?: number
  readonly quota?: number
}

/** Part of a list of a peer, in byte order. */
export interface PeerPage<Entry> {
  readonly entries: readonly Entry[]
  /** More entries follow. */
  readonly more: boolean
}

type PeerRepository = Json<'PeerRepositories'>['repositories'][number]

type PeerTag = Json<'PeerTags'>['tags'][number]

/** What peers have. Each fails with a {@link RegistryError} that says why there is no list. */
export interface PeerLists {
  repositories(peer: string, range: PeerRange, options: AbortOptions): Promise<PeerPage<PeerRepository>>
  tags(peer: string, repository: string, range: PeerRange, options: AbortOptions): Promise<PeerPage<PeerTag>>
}

interface PeerRange {
  readonly last?: string | undefined
  readonly limit: number
}

type AbortOptions = Pick<RegistryRequest, 'signal'>

export interface AdminServices extends Services {
  /** `undefined` if there is no swarm, or it has not joined in time. */
  readonly peerLists?: (() => Promise<PeerLists | undefined>) | undefined
  /** Absent if the platform has no such figures. */
  readonly estimate?: (() => Promise<Estimate>) | undefined
}

export class AdminContext extends Context {
  readonly estimate: AdminServices['estimate']
  readonly peerLists: AdminServices['peerLists']

  constructor(
    services: AdminServices,
    request: RegistryRequest,
    parameters: Readonly<Record<string, string>>,
  ) {
    super(services, request, parameters)
    this.estimate = services.estimate
    this.peerLists = services.peerLists
  }
}
