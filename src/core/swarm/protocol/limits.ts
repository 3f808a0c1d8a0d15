/**
 * The name of the protocol and the limits of whoever answers it, by libp2p and by HTTP alike. Separate from the messages,
 * since not everyone who speaks the protocol needs their schemas.
 */

/** One stream carries one request and its response. */
export const PROTOCOL = '/flotilla/blob/1.0.0'

/** Bytes of a request. */
export const MAX_REQUEST_BYTES = 64 * 1024

/** Milliseconds within which a request must be here. */
export const REQUEST_TIMEOUT_MS = 10_000

/** Requests of one peer that are answered at the same time, over however many connections. */
export const MAX_REQUESTS_PER_PEER = 128

/** Requests of all peers that are answered at the same time. */
export const MAX_REQUESTS = 512
