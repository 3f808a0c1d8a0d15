/** What an endpoint of the owner's API is given: what every endpoint is, and what the platform tells. */

import type { RegistryRequest } from '../http/message.ts'
import { Context, type Services } from '../registry/context.ts'

/** What the platform says of its storage, in bytes. */
export interface Estimate {
  readonly usage?: number
  readonly quota?: number
}

/** A part of a list of a peer, in byte order. */
export interface PeerPage<Entry> {
  readonly entries: readonly Entry[]
  /** Whether others follow. */
  readonly more: boolean
}

interface Named {
  readonly name: string
}

/** Asks peers what they have. Each fails with a {@link RegistryError} that says why there is no list. */
export interface PeerLists {
  repositories(peer: string, range: PeerRange, options: Waiting): Promise<PeerPage<Named>>
  tags(peer: string, repository: string, range: PeerRange, options: Waiting): Promise<PeerPage<Named>>
}

interface PeerRange {
  readonly last?: string | undefined
  readonly limit: number
}

interface Waiting {
  readonly signal?: AbortSignal | undefined
}

export interface AdminServices extends Services {
  /** `undefined` where there is no swarm, or not in time. */
  readonly peerLists?: (() => Promise<PeerLists | undefined>) | undefined
  /** Absent where the platform has no such figures. */
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
