/** The configuration of a browser's registry. The build puts the checked one in place of this, without the schema. */
import { configSchema } from '../../core/config.ts'
import { UNCONFIGURED } from '../../core/unconfigured.ts'

/**
 * The schema wants a name for where things are kept; it does not matter here. Peers have more time than on a server,
 * since another tab may just be taking the lead; where all have said no, nobody waits for it.
 */
export const config = configSchema.parse({
  ...UNCONFIGURED,
  version: 0.1,
  storage: { ...UNCONFIGURED.storage, inmemory: {} },
  swarm: { timeout: '2s' },
})
