/** What an asker chooses anew for each question, so that no older answer fits it. */
import { toBase64Url } from './base64url.ts'

/** Enough that no two are ever the same. */
const NONCE_BYTES = 16

/** Of ours, or of who takes more. */
export const NONCE = /^[\w-]{22,64}$/

export const newNonce = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)))
