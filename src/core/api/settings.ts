/** What the user of a registry in a browser sets: the body of `PUT /flotilla/settings`, and what is stored. */
import * as z from 'zod/mini'

const PEER_ID = '[1-9A-HJ-NP-Za-km-z]{46,62}'

/** With an id, only that peer is accepted. Without one, by HTTP, any peer that proves the id it gives. */
const PEER = new RegExp(
  `^/(ip4|ip6|dns|dns4|dns6)/[^/\\s]+/tcp/\\d{1,5}(/https?(/p2p/${PEER_ID})?|(/tls/ws|/wss?)/p2p/${PEER_ID})$`,
)

const address = z
  .string()
  .check(z.regex(PEER, 'expected an address such as /dns4/host/tcp/443/https or /ip4/…/tcp/…/ws/p2p/…'))

const peerId = z.string().check(z.regex(new RegExp(`^${PEER_ID}$`), 'expected a peer id such as 12D3KooW…'))

const bytes = z.int('expected a whole number of bytes').check(z.nonnegative('expected no less than 0'))

export const settingsSchema = z.strictObject({
  /** Bytes that images from peers may take; `null`: as much as the browser allows. */
  budget: z._default(z.nullable(bytes), null),
  /** Multiaddrs of peers to connect to. */
  peers: z._default(z.array(address).check(z.maxLength(64, 'expected at most 64 peers')), []),
  /** Ids of peers whose tags and referrers are trusted. */
  trust: z._default(z.array(peerId).check(z.maxLength(256, 'expected at most 256 peers')), []),
  /** Milliseconds for which a tag that came from a peer is served without asking again. */
  tagAge: z._default(z.int('expected whole milliseconds').check(z.nonnegative('expected no less than 0')), 0),
})

export type Settings = z.output<typeof settingsSchema>
