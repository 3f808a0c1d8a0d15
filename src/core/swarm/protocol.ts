/** The name of the protocol, for libp2p. Apart from its words, whose schemas not everyone needs who speaks it. */

/** One stream carries one question and its answer. */
export const PROTOCOL = '/flotilla/blob/1.0.0'
