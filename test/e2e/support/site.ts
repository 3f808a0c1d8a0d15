/** The page as its users get it: from a registry of its own. */
import { type RegistryOptions, type RegistryProcess, startRegistry } from '../../support/registry-process.ts'

export type Site = RegistryProcess

export const servePage = (options: RegistryOptions = {}): Promise<Site> => startRegistry(options)
