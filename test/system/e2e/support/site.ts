/** The page served by its own registry. */
import {
  type RegistryOptions,
  type RegistryProcess,
  startRegistry,
} from '../../../support/registry-process.ts'

export type Site = RegistryProcess

/** At the address that users are sent to. */
export async function servePage(options: RegistryOptions = {}): Promise<Site> {
  const registry = await startRegistry(options)
  const site = {
    get url() {
      return registry.page
    },
    get host() {
      return new URL(registry.page).host
    },
  }
  // The process keeps its getters, because its port changes with a restart.
  return Object.setPrototypeOf(site, registry)
}
