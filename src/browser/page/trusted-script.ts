/**
 * The texts that the page lets the browser run as scripts, its service worker and workers of its build: Trusted Types,
 * which its Content Security Policy demands, refuse any other, so that nothing injected into the page can name a script
 * of its own.
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
const policy = trustedTypes?.createPolicy('flotilla', { createScriptURL: requireOwn })

/** As browsers that know Trusted Types want it, which types do not say. */
export const serviceWorkerUrl = (): string => policy?.createScriptURL(SERVICE_WORKER) ?? SERVICE_WORKER

/** @param url - of a worker that was built with the page */
export const workerUrl = (url: string): string => policy?.createScriptURL(url) ?? url

/** What the build writes, beside which a registry serves nothing but its API. */
const BUILT = /^\/assets\/[\w-]+\.js$/

function requireOwn(url: string): string {
  if (url === SERVICE_WORKER || BUILT.test(url)) return url
  throw new TypeError(`${url} is no script of this page`)
}
