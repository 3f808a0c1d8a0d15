/** What an endpoint of the owner's API is given: what every endpoint is, and what the platform tells. */
import { Context, type Surroundings } from '../registry/context.ts'
import type { RegistryRequest } from '../registry/http.ts'

/** What the platform says of its storage, in bytes. */
export interface Estimate {
  readonly usage?: number
  readonly quota?: number
}

export interface OwnerSurroundings extends Surroundings {
  /** Absent where the platform has no such figures. */
  readonly estimate?: (() => Promise<Estimate>) | undefined
}

export class OwnerContext extends Context {
  readonly estimate: OwnerSurroundings['estimate']

  constructor(
    surroundings: OwnerSurroundings,
    request: RegistryRequest,
    parameters: Readonly<Record<string, string>>,
  ) {
    super(surroundings, request, parameters)
    this.estimate = surroundings.estimate
  }
}
