/** The configuration of a browser's registry. The build replaces this module by the checked value, without the schema. */
import { configSchema, DEFAULTS_WITHOUT_FILE } from '../../core/config.ts'

/** The age lets an interrupted import continue the next day. Workers rarely live until the next run: each starts with one. */
const MAINTENANCE_AGE = { age: '24h', interval: '1h' }
const MAINTENANCE = { uploadpurging: MAINTENANCE_AGE, orphans: MAINTENANCE_AGE }

/**
 * The schema requires a storage driver; which one does not matter here. The swarm's timeout is longer than on a server
 * because another tab may just be taking the lead; it does not delay a 404 when every peer has answered.
 */
export const config = configSchema.parse({
  ...DEFAULTS_WITHOUT_FILE,
  version: 0.1,
  storage: { ...DEFAULTS_WITHOUT_FILE.storage, inmemory: {}, maintenance: MAINTENANCE },
  swarm: { timeout: '2s' },
})
