/** The configuration of a browser's registry. The build puts the checked one in place of this, without the schema. */
import { configSchema } from '../../core/config.ts'

/**
 * Who asks is the owner, so he may delete, and push images with layers that are elsewhere, such as those of Windows.
 * The schema wants a name for where things are kept; it does not matter here. Peers have more time than on a server,
 * since another tab may just be taking the lead; where all have said no, nobody waits for it.
 */
export const config = configSchema.parse({
  version: 0.1,
  storage: { inmemory: {}, delete: { enabled: true } },
  swarm: { timeout: '2s' },
  validation: { manifests: { urls: { allow: ['^https://'] } } },
})
