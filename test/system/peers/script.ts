/** What a scripted peer is told on its command line, and what it tells about itself on its standard output. */
import type { Recipe } from './content.ts'
import type { Lie } from './lies.ts'

export interface Guess {
  readonly digest: string
  /** In bytes. */
  readonly size: number
  /** Of a manifest. */
  readonly mediaType?: string
}

/** One peer. A process may be many. */
export interface Script {
  readonly blobs: readonly Recipe[]
  /** Of these it knows no more than this. It says that they are zeros from beginning to end, and sends zeros. */
  readonly claims?: readonly Guess[]
  /** Absent: it is honest. */
  readonly lie?: Lie
  /** Also offers its blobs by HTTPS. */
  readonly http?: boolean
  /** Multiaddrs of peers that it connects to. */
  readonly bootstrap?: readonly string[]
  /** Bytes a second that it sends at most, to all peers together. */
  readonly rate?: number
  /** Milliseconds before each of its answers. */
  readonly delay?: number
  /** Takes part in the DHT. */
  readonly dht?: boolean
  /** Asks the DHT again and again for providers of this digest. */
  readonly seek?: string
  /** The address that it listens on. Default: loopback. */
  readonly host?: string
}

/** A line of its output, in JSON. One a script says where that peer listens. */
export type Line =
  | { readonly listening: string }
  /** So many are there, which is all of them. */
  | { readonly ready: number }
  | { readonly peer: string; readonly asked: string; readonly by: string }
  | { readonly peer: string; readonly found: string }
  /** What it has sent of one range, when it ends or breaks off. */
  | { readonly peer: string; readonly sent: number; readonly fetcher: 'stream' | 'http' }
