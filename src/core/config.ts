/**
 * Every setting of a registry: its name, meaning and default. Names and meanings are Distribution's, so that its
 * configuration files work here; what is ours alone says so. Reading files and variables is the platform's part.
 *
 * @see https://distribution.github.io/distribution/about/configuration/
 */
import * as z from 'zod'
import { parseByteSize } from './byte-size.ts'
import { parseDuration } from './duration.ts'

/** The longest time that timers of JavaScript can wait for, in milliseconds: nearly 25 days. */
const LONGEST_TIMER = 2 ** 31 - 1

/** A part of the configuration that may be left out, as all that it holds has a default. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).prefault({} as never)

const flag = (value: boolean, meaning: string) => z.boolean().default(value).describe(meaning)

/** Written as text, read into milliseconds. */
const duration = (least = 0, most = Number.MAX_SAFE_INTEGER) =>
  z.union([z.string(), z.literal(0)], 'expected a duration such as 1m30s').transform((text, context) => {
    const milliseconds = parseDuration(String(text))
    if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most) return milliseconds
    const reason = milliseconds === undefined ? 'such as 1m30s' : `from ${least}ms to ${most}ms`
    context.addIssue(`expected a duration ${reason}`)
    return z.NEVER
  })

/** A number of bytes, or text such as 10GiB. */
const byteSize = () =>
  z.union([z.string(), z.number()], 'expected a size such as 10GiB').transform((text, context) => {
    const bytes = parseByteSize(String(text))
    if (bytes !== undefined) return bytes
    context.addIssue('expected a size such as 10GiB, or a number of bytes')
    return z.NEVER
  })

const choice = <const Values extends readonly string[]>(values: Values) =>
  z.string().toLowerCase().pipe(z.enum(values))

const pattern = z
  .string()
  .refine(isPattern, 'expected a regular expression, without look-around and back-references')

const address = z.string().refine(isAddress, 'expected host:port, or :port for all interfaces')

const origin = z
  .string()
  .regex(/^(\*|[a-z][a-z0-9+.-]*:\/\/[^/?#]+)$/, "expected an origin such as https://example.com, or '*'")

/** Without `*`: what pages change here is never for every page. */
const writer = origin.refine(
  (text) => text !== '*',
  "expected an origin such as https://example.com, not '*'",
)

const hostName = z
  .string()
  .refine(isHostName, 'expected the name of a host such as registry.lan, or *.example.com, without a port')

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected the name of a header')

const headerValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'expected the value of a header')

const atLeastOne = () => z.int().positive('expected a whole number above 0')

const pageLimit = (meaning: string) => atLeastOne().default(1000).describe(meaning)

const log = section({
  level: choice(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe level that is written'),
  formatter: choice(['text', 'json', 'logstash']).default('text').describe('How a log line looks'),
  fields: z.record(z.string(), z.unknown()).default({}).describe('Fields that every log line carries'),
  accesslog: section({ disabled: flag(false, 'No line for each request on standard output') }),
})

const maintenance = section({
  uploadpurging: section({
    enabled: flag(true, 'Remove uploads that nobody goes on with'),
    age: duration()
      .prefault('168h')
      .describe(
        'Uploads that nobody has written to for longer are removed; those without a byte after an hour',
      ),
    interval: duration(1, LONGEST_TIMER).prefault('24h').describe('Time from one search to the next'),
    dryrun: flag(false, 'Only log what would be removed'),
  }),
  orphans: section({
    enabled: flag(
      true,
      'Ours. Remove blobs that no image of their repository needs: what interrupted pushes and deleted images leave',
    ),
    age: duration()
      .prefault('168h')
      .describe(
        'Ours. They are removed when nobody has pushed, mounted or asked for them for longer: the most time from a layer to its manifest',
      ),
    interval: duration(1, LONGEST_TIMER).prefault('24h').describe('Ours. Time from one search to the next'),
    dryrun: flag(false, 'Ours. Only log how much would be removed'),
  }),
  readonly: section({ enabled: flag(false, 'Answer every request that would change something with 405') }),
})

const storage = z
  .strictObject({
    filesystem: z
      .strictObject({
        rootdirectory: z.string().min(1).default('/var/lib/registry').describe('The data folder'),
      })
      .optional()
      .describe('Keep everything in a folder'),
    inmemory: z.strictObject({}).optional().describe('Keep everything in memory, until the process ends'),
    delete: section({ enabled: flag(false, 'Let clients delete tags, manifests and blobs') }),
    maintenance,
  })
  .prefault({})
  .refine((value) => (value.filesystem === undefined) !== (value.inmemory === undefined), {
    error: 'expected exactly one driver: filesystem or inmemory',
  })

const http = section({
  addr: address
    .default('127.0.0.1:5000')
    .describe(
      'Where to listen; with the default, nothing is exchanged with other machines, by HTTP or between peers',
    ),
  net: z.literal('tcp').default('tcp').describe('Kind of address'),
  host: z
    .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
    .optional()
    .describe('URL that clients reach the registry by, if it cannot be told from requests'),
  hosts: z
    .array(hostName)
    .default([])
    .describe(
      'Ours. Host names that the registry answers to, such as registry.lan or *.example.com, besides IP addresses, localhost and the name in http.host; a request for any other is refused (421), as web pages may bind their own names to this machine',
    ),
  prefix: z
    .string()
    .regex(/^\/(.*\/)?$/, 'expected a path that begins and ends with /')
    .default('/')
    .describe('Path that stands before v2/'),
  relativeurls: flag(false, 'Answer with URLs that name no host'),
  headers: z
    .record(headerName, z.array(headerValue))
    .default({})
    .describe('Headers that every response carries'),
  draintimeout: duration(0, LONGEST_TIMER)
    .prefault('0s')
    .describe('Time that running requests are given when the registry stops'),
  cors: section({
    origins: z
      .array(origin)
      .default([])
      .describe("Ours. Origins whose web pages may read what is here, and ask it as a peer; '*' for all"),
    writers: z.array(writer).default([]).describe('Ours. Origins whose web pages may push and delete, too'),
  }),
  page: section({
    enabled: flag(true, 'Ours. Serve the web page'),
    apps: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Ours. Folder of web pages of your own, served under apps/ beside the page: being of the same origin, they have its registry, and may do all that it may',
      ),
    isolated: flag(
      false,
      'Ours. Isolate the web page (COOP, COEP), for code beside it that needs SharedArrayBuffer, such as emulators',
    ),
  }),
  connections: section({
    limit: atLeastOne()
      .default(2048)
      .describe('Ours. Most connections at a time; each may take up to half a MiB of memory'),
    peraddress: atLeastOne()
      .default(1024)
      .describe(
        'Ours. Most connections from one IPv4 address or IPv6 /64; all clients behind a proxy are one',
      ),
  }),
})

const validation = section({
  enabled: flag(false, 'Old form: true outweighs disabled, false says nothing'),
  disabled: flag(false, 'Check neither the URLs of layers nor the children of indexes'),
  manifests: section({
    urls: section({
      allow: z.array(pattern).default([]).describe('Layer URLs must match one of these, if there are any'),
      deny: z
        .array(pattern)
        .default([])
        .describe('Layer URLs must match none of these; without any allow and deny, no URL is allowed'),
    }),
    blobs: choice(['all', 'none'])
      .default('all')
      .describe('Ours. Config and layers of an image that must exist; none suits a mirror that holds parts'),
    indexes: section({
      platforms: choice(['all', 'none', 'list'])
        .default('all')
        .describe('Children of an index that must exist'),
      platformlist: z
        .array(z.strictObject({ architecture: z.string(), os: z.string() }))
        .default([])
        .describe("Platforms that 'list' means, each with its os and architecture"),
    }),
  }),
}).transform(({ enabled, disabled, manifests }) => ({ enabled: enabled || !disabled, manifests }))

const multiaddress = z
  .string()
  .regex(/^(\/[^/\s]+)+$/, 'expected a multiaddr such as /ip4/192.0.2.1/tcp/4001')

const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{46,62}$/, 'expected a peer id such as 12D3KooW…')

const swarm = section({
  enabled: flag(
    true,
    'Ours. Find other peers, pull from them what is not here, and serve them what is shared',
  ),
  listen: z
    .array(multiaddress)
    .optional()
    .describe(
      'Multiaddrs to listen on; default: the host of http.addr, any port, by TCP, and by WebSocket where http.cors.origins names whose pages may use it. WebRTC-direct only if it stands here: it is native code that reads datagrams of anybody, answers 16 of them at a time, and peers connected by it notice a stop some 20 seconds later',
    ),
  announce: z
    .array(multiaddress)
    .default([])
    .describe('Multiaddrs told to others in place of those listened on'),
  reach: choice(['auto', 'machine', 'named', 'network'])
    .default('auto')
    .describe(
      'Whom anything is exchanged with: programs on this machine, those and the peers of swarm.bootstrap, or whoever is found or comes; auto: the network with swarm.key or when listening beyond loopback, otherwise named peers if there are any',
    ),
  bootstrap: z.array(multiaddress).default([]).describe('Peers to connect to, each with its /p2p/ id'),
  mdns: flag(
    true,
    'Find peers: on the local network where swarm.reach is the network, and those of the same user where it is this machine, or with swarm.key',
  ),
  dht: section({
    enabled: flag(
      true,
      'Keep and ask a distributed hash table of who has what, where swarm.reach is the network',
    ),
    protocol: z
      .string()
      .regex(/^\/\S+$/, 'expected a protocol such as /flotilla/kad/1.0.0')
      .default('/flotilla/kad/1.0.0')
      .describe('Its protocol; our own by default, so that nothing reaches the public network'),
  }),
  relay: flag(
    false,
    'Relay connections between peers that cannot reach each other: for 16 of them, up to 64 MiB and 10 minutes each',
  ),
  bitswap: flag(true, 'Swap blocks with any IPFS peer that connects'),
  key: z
    .string()
    .min(1)
    .optional()
    .describe('File with the pre-shared key of a private swarm, in the format of swarm.key of IPFS'),
  trust: z
    .array(peerId)
    .default([])
    .describe(
      'Peers whose tags are believed, and what they list as referrers; in a private swarm, all of them are',
    ),
  tags: section({
    maxage: duration(0, LONGEST_TIMER)
      .prefault('0s')
      .describe(
        'Ours. A tag that was taken from a peer is served for so long without asking again; in any case it is served while no peer that is trusted answers',
      ),
  }),
  referrers: choice(['trusted', 'all'])
    .default('trusted')
    .describe(
      'Ours. Peers whose signatures, SBOMs and attestations are listed among those that were pushed here, each with the peer: those that are trusted, or all, for clients that believe only what they verify',
    ),
  share: section({
    allow: z
      .array(pattern)
      .default(['.*'])
      .describe(
        'Repositories shared with other peers, and looked for there: names that match one of these whole',
      ),
    deny: z.array(pattern).default([]).describe('Repositories that are not, even so'),
    list: flag(
      true,
      'Tell peers the names of the repositories that are shared, and their tags; without, they get what they know the name of',
    ),
  }),
  cache: section({
    budget: byteSize()
      .optional()
      .describe(
        'What comes from peers may take so many bytes, such as 10GiB; what was used least recently goes first, unless it is kept',
      ),
  }),
  largest: byteSize()
    .prefault('16GiB')
    .describe('Larger blobs are not taken from peers, unless a manifest that is here states their size'),
  timeout: duration(1, LONGEST_TIMER)
    .prefault('400ms')
    .describe('After this long without a peer that has it, a pull is answered with 404'),
  stall: duration(1, LONGEST_TIMER)
    .prefault('10s')
    .describe('A peer that sends nothing for this long is put aside'),
  bulk: section({
    enabled: flag(true, 'Serve large blobs to peers by HTTPS, which is faster than libp2p'),
    port: z.int().min(0).max(65_535).default(0).describe('Port of it, on the host of http.addr; 0 for any'),
  }),
})

export const configSchema = z.strictObject({
  version: z.literal([0.1, '0.1'], 'expected 0.1').describe('Version of this format'),
  log,
  storage,
  http,
  validation,
  catalog: section({ maxentries: pageLimit('Most repositories on one page') }),
  tags: section({ maxtags: pageLimit('Most tags on one page') }),
  swarm,
})

/** A configuration that has been checked, with all defaults in place. */
export type Config = z.infer<typeof configSchema>

/** What no engine can match in linear time, nor Distribution's at all; strangers choose the texts. */
const UNBOUNDED = /\\[1-9k]|\(\?<?[=!]/

function isPattern(text: string): boolean {
  const plain = text.replace(/\\[^1-9k]/g, '')
  try {
    return new RegExp(text) instanceof RegExp && !UNBOUNDED.test(plain)
  } catch {
    return false
  }
}

function isHostName(text: string): boolean {
  return /^(?:\*\.)?[^\s/:?#@\\[\]*]+$/.test(text) && URL.canParse(`http://${text.replace('*.', '')}`)
}

function isAddress(text: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.%]+\]|[^:[\]/]*):(\d{1,5})$/.exec(text)?.[1]
  return port !== undefined && Number(port) <= 65_535
}
