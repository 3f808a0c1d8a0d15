/**
 * Every setting of a registry: its name, meaning and default. Names and meanings are Distribution's, so that its
 * configuration files work here; settings that only Flotilla has are marked `Ours`. The platform reads files and variables.
 *
 * @see https://distribution.github.io/distribution/about/configuration/
 */
import * as z from 'zod'
import { parseByteSize } from './byte-size.ts'
import { parseDuration } from './duration.ts'

/** The longest delay of a JavaScript timer: nearly 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** A section that may be left out, because everything in it has a default. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).prefault({} as never)

const flag = (value: boolean, meaning: string) => z.boolean().default(value).describe(meaning)

/** Written as text, parsed into milliseconds. */
const duration = (min = 0, max = Number.MAX_SAFE_INTEGER) =>
  z.union([z.string(), z.literal(0)], 'expected a duration such as 1m30s').transform((text, context) => {
    const milliseconds = parseDuration(String(text))
    if (milliseconds !== undefined && milliseconds >= min && milliseconds <= max) return milliseconds
    const reason = milliseconds === undefined ? 'such as 1m30s' : `from ${min}ms to ${max}ms`
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

/** Without `*`: no setting lets pages of every origin write. */
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
    enabled: flag(true, 'Remove abandoned uploads'),
    age: duration()
      .prefault('168h')
      .describe('Uploads without a write for this long are removed; those without any bytes after an hour'),
    interval: duration(1, MAX_TIMER_MS).prefault('24h').describe('Time between two searches'),
    dryrun: flag(false, 'Only log what would be removed'),
  }),
  orphans: section({
    enabled: flag(
      true,
      'Ours. Remove blobs that no image of their repository needs, which interrupted pushes and deleted images leave behind',
    ),
    age: duration()
      .prefault('168h')
      .describe(
        'Ours. They are removed when nobody has pushed, mounted or requested them for this long; a push may take this long from a layer to its manifest',
      ),
    interval: duration(1, MAX_TIMER_MS).prefault('24h').describe('Ours. Time between two searches'),
    dryrun: flag(false, 'Ours. Only log how much would be removed'),
  }),
  readonly: section({ enabled: flag(false, 'Refuse every request that would change something with 405') }),
})

const storage = z
  .strictObject({
    filesystem: z
      .strictObject({
        rootdirectory: z.string().min(1).default('/var/lib/registry').describe('The data folder'),
      })
      .optional()
      .describe('Store everything in a folder'),
    inmemory: z.strictObject({}).optional().describe('Store everything in memory, until the process ends'),
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
    .describe('URL by which clients reach the registry, if it cannot be derived from requests'),
  hosts: z
    .array(hostName)
    .default([])
    .describe(
      'Ours. Host names of the registry, such as registry.lan or *.example.com, in addition to IP addresses, localhost and the name in http.host; requests for other names are refused (421), because web pages may bind their own names to this machine (DNS rebinding)',
    ),
  prefix: z
    .string()
    .regex(/^\/(.*\/)?$/, 'expected a path that begins and ends with /')
    .default('/')
    .describe('Path before v2/'),
  relativeurls: flag(false, 'Respond with URLs without a host'),
  headers: z.record(headerName, z.array(headerValue)).default({}).describe('Headers of every response'),
  draintimeout: duration(0, MAX_TIMER_MS)
    .prefault('0s')
    .describe('Time that running requests get to finish when the registry stops'),
  cors: section({
    origins: z
      .array(origin)
      .default([])
      .describe("Ours. Origins whose web pages may read from this registry, also as peers; '*' for all"),
    writers: z.array(writer).default([]).describe('Ours. Origins whose web pages may also push and delete'),
  }),
  page: section({
    enabled: flag(true, 'Ours. Serve the web page'),
    apps: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Ours. Folder of your own web pages, served under apps/ beside the page. They have the same origin, so they use its registry and may do everything that the page may',
      ),
    isolated: flag(
      false,
      'Ours. Isolate the web page (COOP, COEP), for apps that need SharedArrayBuffer, such as emulators',
    ),
  }),
  connections: section({
    limit: atLeastOne()
      .default(2048)
      .describe('Ours. Maximum number of connections; each may take up to 512 KiB of memory'),
    peraddress: atLeastOne()
      .default(1024)
      .describe(
        'Ours. Maximum number of connections from one IPv4 address or IPv6 /64; all clients behind a proxy count as one',
      ),
  }),
})

const validation = section({
  enabled: flag(false, 'Old form: true overrides disabled, false has no effect'),
  disabled: flag(false, 'Check neither the URLs of layers nor the children of indexes'),
  manifests: section({
    urls: section({
      allow: z.array(pattern).default([]).describe('Layer URLs must match one of these, if there are any'),
      deny: z
        .array(pattern)
        .default([])
        .describe('Layer URLs must match none of these; without allow and deny, no URL is allowed'),
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
        .describe("Platforms for 'list', each with its os and architecture"),
    }),
  }),
}).transform(({ enabled, disabled, manifests }) => ({ enabled: enabled || !disabled, manifests }))

const multiaddress = z
  .string()
  .regex(/^(\/[^/\s]+)+$/, 'expected a multiaddr such as /ip4/192.0.2.1/tcp/4001')

const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{46,62}$/, 'expected a peer id such as 12D3KooW…')

const swarm = section({
  enabled: flag(true, 'Ours. Find peers, pull from them what is missing here, and serve them what is shared'),
  listen: z
    .array(multiaddress)
    .optional()
    .describe(
      'Multiaddrs to listen on; default: the host of http.addr, any port, by TCP, and by WebSocket if http.cors.origins allows pages to use it. WebRTC-direct has to be listed here: it is native code that parses datagrams from anybody, handles 16 handshakes at a time, and its peers notice a stop only after some 20 seconds',
    ),
  announce: z
    .array(multiaddress)
    .default([])
    .describe('Multiaddrs announced to others instead of those listened on'),
  reach: choice(['auto', 'machine', 'named', 'network'])
    .default('auto')
    .describe(
      'Which peers to exchange data with. machine: programs on this machine; named: also the peers in swarm.bootstrap; network: any peer that is found or connects; auto: network with swarm.key or when listening beyond loopback, otherwise named if there are any',
    ),
  bootstrap: z.array(multiaddress).default([]).describe('Peers to connect to, each with its /p2p/ id'),
  mdns: flag(
    true,
    'Find peers: on the local network if swarm.reach is network, and those of the same user if it is machine or there is a swarm.key',
  ),
  dht: section({
    enabled: flag(true, 'Take part in a distributed hash table of who has what, if swarm.reach is network'),
    protocol: z
      .string()
      .regex(/^\/\S+$/, 'expected a protocol such as /flotilla/kad/1.0.0')
      .default('/flotilla/kad/1.0.0')
      .describe('Its protocol; by default our own, so that nothing reaches the public IPFS network'),
  }),
  relay: flag(
    false,
    'Relay connections between peers that cannot reach each other: for 16 of them, up to 64 MiB and 10 minutes each',
  ),
  bitswap: flag(true, 'Exchange blocks with any IPFS peer that connects'),
  key: z
    .string()
    .min(1)
    .optional()
    .describe('File with the pre-shared key of a private swarm, in the format of swarm.key of IPFS'),
  trust: z
    .array(peerId)
    .default([])
    .describe('Peers whose tags and lists of referrers are trusted; in a private swarm, all peers are'),
  tags: section({
    maxage: duration(0, MAX_TIMER_MS)
      .prefault('0s')
      .describe(
        'Ours. A tag from a peer is served for this long without asking again; it is always served while no trusted peer answers',
      ),
  }),
  referrers: choice(['trusted', 'all'])
    .default('trusted')
    .describe(
      'Ours. Peers whose signatures, SBOMs and attestations are listed together with those that were pushed here, each with the name of the peer: trusted ones, or all, for clients that verify everything',
    ),
  share: section({
    allow: z
      .array(pattern)
      .default(['.*'])
      .describe(
        'Repositories that are shared with peers and looked up there: names that match one of these completely',
      ),
    deny: z.array(pattern).default([]).describe('Exceptions from allow'),
    list: flag(
      true,
      'Let peers list the shared repositories and their tags; without this, they can only get what they know by name',
    ),
  }),
  cache: section({
    budget: byteSize()
      .optional()
      .describe(
        'Maximum size of what comes from peers, such as 10GiB; the least recently used is evicted first, unless it is kept',
      ),
  }),
  largest: byteSize()
    .prefault('16GiB')
    .describe('Larger blobs are not pulled from peers, unless a stored manifest states their size'),
  timeout: duration(1, MAX_TIMER_MS)
    .prefault('400ms')
    .describe('If no peer has been found after this long, a pull gets 404'),
  stall: duration(1, MAX_TIMER_MS)
    .prefault('10s')
    .describe('A peer that sends nothing for this long is not used for a while'),
  bulk: section({
    enabled: flag(true, 'Serve large blobs to peers by HTTPS, which is faster than libp2p'),
    port: z.int().min(0).max(65_535).default(0).describe('Its port, on the host of http.addr; 0 for any'),
  }),
})

export const configSchema = z.strictObject({
  version: z.literal([0.1, '0.1'], 'expected 0.1').describe('Version of this format'),
  log,
  storage,
  http,
  validation,
  catalog: section({ maxentries: pageLimit('Maximum number of repositories on one page') }),
  tags: section({ maxtags: pageLimit('Maximum number of tags on one page') }),
  swarm,
})

/** A configuration that has been checked, with all defaults in place. */
export type Config = z.infer<typeof configSchema>

/** No engine matches these in linear time, and Distribution's not at all. The matched texts are untrusted. */
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

type Settings<Section> = {
  readonly [Key in keyof Section]?: Section[Key] extends object ? Settings<Section[Key]> : Section[Key]
}

/**
 * Defaults that differ from Distribution's for a registry that was started without a configuration file: its user may
 * delete images, and store images with foreign layers. The registry in a browser is one of these.
 */
export const DEFAULTS_WITHOUT_FILE = {
  storage: { delete: { enabled: true } },
  validation: { manifests: { urls: { allow: ['^https://'] } } },
} satisfies Settings<Config>
