/**
 * Tags among peers: a digest proves itself, a tag does not, so each is a record that its holder signed, and only the
 * peers that are trusted are asked.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { ForeignTag } from '../store/elsewhere.ts'
import { ask } from './ask.ts'
import { type TagRecord, tagRecordBytes, tagSchema } from './messages.ts'
import type { Network, PeerId } from './ports.ts'
import type { Standing } from './standing.ts'

export interface Tags {
  /** This peer's own record of a tag. `undefined` where it does not hold the tag. */
  sign(repository: string, tag: string): Promise<TagRecord | undefined>
  /** What the tag names by the newest record of the peers that are trusted. */
  find(
    repository: string,
    tag: string,
    options: { readonly signal: AbortSignal },
  ): Promise<ForeignTag | undefined>
}

export interface TagsParts {
  readonly network: Network
  readonly standing: Standing
  readonly catalog: Pick<Catalog, 'sharing'>
  readonly settings: Pick<Config['swarm'], 'trust' | 'key' | 'timeout'>
  /** Peers that are trusted besides. */
  trusts?(peer: PeerId): boolean
  readonly log: Log
}

/** How far the clocks of peers may differ, in milliseconds: a record from later than that would win for ever. */
const CLOCK_SKEW = 5 * 60_000

export function createTags({ network, standing, catalog, settings, trusts, log }: TagsParts): Tags {
  const named = new Set(settings.trust)
  const isNamed = (peer: PeerId): boolean => named.has(peer) || (trusts?.(peer) ?? false)
  /** In a private swarm, having its key is what makes a peer trusted. */
  const isTrusted = (peer: PeerId): boolean => settings.key !== undefined || isNamed(peer)

  async function recordOf(
    peer: PeerId,
    repository: string,
    tag: string,
    signal: AbortSignal,
  ): Promise<TagRecord | undefined> {
    const { record } = await ask(network, peer, { ask: 'tag', repository, tag }, tagSchema, { signal })
    if (!record) return undefined
    const isAnswer = record.repository === repository && record.tag === tag
    if (isAnswer && isBelievable(record, peer) && (await isGenuine(record))) return record
    standing.putAside(peer, 'lied', 'its record of a tag does not hold')
    return undefined
  }

  /** A record may be handed on, but only one of a peer that would be believed itself; never what was ours once. */
  const isBelievable = ({ peer }: TagRecord, from: PeerId): boolean =>
    peer === from || (isNamed(peer) && peer !== network.self)

  async function isGenuine({ signature, ...record }: TagRecord): Promise<boolean> {
    const bytes = fromBase64Url(signature)
    return bytes !== undefined && network.verify(record.peer, tagRecordBytes(record), bytes)
  }

  return {
    async sign(repository, tag) {
      const tagging = await catalog.sharing.tagging(repository, tag)
      if (!tagging) return undefined
      const record = { repository, tag, ...tagging, peer: network.self }
      return { ...record, signature: toBase64Url(await network.sign(tagRecordBytes(record))) }
    },

    async find(repository, tag, { signal }) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout)])
      const asked = network.peers().filter((peer) => isTrusted(peer) && !standing.asideOf(peer))
      const answers = asked.map((peer) =>
        recordOf(peer, repository, tag, limit).catch((error: unknown) => {
          log.debug('a peer did not answer for a tag', { peer, repository, tag, err: error })
          return undefined
        }),
      )
      const records = (await Promise.all(answers)).filter((record) => record !== undefined)
      const latest = Date.now() + CLOCK_SKEW
      const [newest] = records.filter(({ taggedAt }) => taggedAt <= latest).sort(byAge)
      return newest && { digest: newest.digest, peer: newest.peer }
    },
  }
}

/** Newest first; of the same moment, the same one first for everybody. */
const byAge = (one: TagRecord, other: TagRecord): number =>
  other.taggedAt - one.taggedAt || (one.digest < other.digest ? -1 : 1)

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

function fromBase64Url(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  } catch {
    return undefined
  }
}
