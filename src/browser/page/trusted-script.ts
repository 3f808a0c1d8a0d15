/**
 * The one text that the page lets the browser run as a script: Trusted Types, which its Content Security Policy
 * demands, refuse any other, so that nothing injected into the page can name a script of its own.
 *
 * @see https://w3c.github.io/trusted-types/dist/spec/
 */

interface TrustedTypePolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string }
}

const SERVICE_WORKER = '/sw.js'

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypePolicyFactory }

/** The Content Security Policy names it, and no other. */
const policy = trustedTypes?.createPolicy('flotilla', { createScriptURL: requireServiceWorker })

/** As browsers that know Trusted Types want it, which types do not say. */
export const serviceWorkerUrl = (): string => policy?.createScriptURL(SERVICE_WORKER) ?? SERVICE_WORKER

function requireServiceWorker(url: string): string {
  if (url === SERVICE_WORKER) return url
  throw new TypeError(`${url} is no script of this page`)
}
