/**
 * Leaves out what Helia would make libp2p of, if it were asked to: its package loads all of that, from WebRTC's native
 * code, which is not to be in a process that nobody asked it into, to UPnP, and takes a second for it. The build does
 * the same (vite.config.ts).
 */
import { registerHooks } from 'node:module'

const NOTHING = 'data:text/javascript,export function libp2pDefaults() { throw new Error("left out") }'

/** Before Helia is imported, and once. */
export function leaveOutDefaults(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const isDefaults =
        specifier.endsWith('/libp2p-defaults.js') && context.parentURL?.includes('/@helia/libp2p/')
      return isDefaults ? { url: NOTHING, shortCircuit: true } : next(specifier, context)
    },
  })
}
