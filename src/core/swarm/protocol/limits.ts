/**
 * The name of the protocol, and the limits of a peer that answers it, over libp2p and HTTP alike. Separate from the
 * messages because not everything that speaks the protocol needs their schemas.
 */

/** One stream carries one request and its response. */
export const PROTOCOL = '/flotilla/blob/1.0.0'

export const MAX_REQUEST_BYTES = 64 * 1024

/** A request must have arrived within this time. */
export const REQUEST_TIMEOUT_MS = 10_000

/** Requests of one peer that are answered at the same time, over however many connections. */
export const MAX_REQUESTS_PER_PEER = 128

/** Requests of all peers that are answered at the same time. */
export const MAX_REQUESTS = 512
