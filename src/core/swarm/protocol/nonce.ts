/** Nonces, and bytes as text that JSON and URLs carry unchanged (RFC 4648, section 5, without padding). */

export const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** `undefined` for text that is not base64url. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  } catch {
    return undefined
  }
}

/** Enough that no two nonces are ever the same. */
const NONCE_BYTES = 16

/** Our nonces, and longer ones. */
export const NONCE = /^[\w-]{22,64}$/

export const newNonce = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)))
