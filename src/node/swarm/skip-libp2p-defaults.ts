/**
 * Skips Helia's default libp2p modules, which we don't use: from WebRTC's native code, which shouldn't be loaded unless it
 * is configured, to UPnP. Loading them takes a second. The build does the same (vite.config.ts).
 */
import { registerHooks } from 'node:module'

const NOTHING = 'data:text/javascript,export function libp2pDefaults() { throw new Error("left out") }'

/** To be called once, before Helia is imported. */
export function skipLibp2pDefaults(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const isDefaults =
        specifier.endsWith('/libp2p-defaults.js') && context.parentURL?.includes('/@helia/libp2p/')
      return isDefaults ? { url: NOTHING, shortCircuit: true } : next(specifier, context)
    },
  })
}
