/** The page as its users get it: from a registry of its own. */
import {
  type RegistryOptions,
  type RegistryProcess,
  startRegistry,
} from '../../../support/registry-process.ts'

export type Site = RegistryProcess

/** At the address that people are sent to. */
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
  // The getters of the process stay what they are: its port changes with a restart.
  return Object.setPrototypeOf(site, registry)
}
