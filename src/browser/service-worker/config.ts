/** The configuration of a browser's registry. The build puts the checked one in place of this, without the schema. */
import { configSchema } from '../../core/config.ts'
import { UNCONFIGURED } from '../../core/unconfigured.ts'

/**
 * An import that was interrupted may go on tomorrow. A worker seldom lives until the next search: each one searches when
 * it has started.
 */
const LEFT = { age: '24h', interval: '1h' }
const MAINTENANCE = { uploadpurging: LEFT, orphans: LEFT }

/**
 * The schema wants a name for where things are kept; it does not matter here. Peers have more time than on a server,
 * since another tab may just be taking the lead; where all have said no, nobody waits for it.
 */
export const config = configSchema.parse({
  ...UNCONFIGURED,
  version: 0.1,
  storage: { ...UNCONFIGURED.storage, inmemory: {}, maintenance: MAINTENANCE },
  swarm: { timeout: '2s' },
})
