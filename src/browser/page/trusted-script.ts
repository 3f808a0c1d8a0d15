/**
 * The script URLs that the page may load: its service worker and the workers of its build. Trusted Types, which the
 * Content Security Policy requires, reject all others, so that nothing injected into the page can load a script.
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

/** The Content Security Policy allows only this policy name. */
const policy = trustedTypes?.createPolicy('flotilla', { createScriptURL: requireOwn })

/** A `TrustedScriptURL` in browsers that have Trusted Types, although TypeScript's types say string. */
export const serviceWorkerUrl = (): string => policy?.createScriptURL(SERVICE_WORKER) ?? SERVICE_WORKER

/** @param url - of a worker that was built with the page */
export const workerUrl = (url: string): string => policy?.createScriptURL(url) ?? url

/** The build's files; a registry serves nothing else of this form. */
const BUILT = /^\/assets\/[\w-]+\.js$/

function requireOwn(url: string): string {
  if (url === SERVICE_WORKER || BUILT.test(url)) return url
  throw new TypeError(`${url} is not a script of this page`)
}
