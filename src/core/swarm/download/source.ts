/**
 * A peer that is asked for a slot to take the blob from it, or that gives us leaves; and how many such peers there are at
 * once. A peer that promises and sends nothing doesn't count against that limit and needn't be given up: it may merely be
 * far away.
 */
import type { Provider } from '../lookup/providers.ts'
import type { PeerId, RangeFetcher } from '../ports.ts'
import type { Offer } from '../protocol/messages.ts'
import { pickToPreempt, Throughput } from './throughput.ts'

/**
 * `requested`: it hasn't said yet whether we have a slot. `queued`: it has said that we wait for one. `giving`: leaves can
 * be fetched from it.
 */
export type SourceState = 'requested' | 'queued' | 'giving' | 'ended'

export class Source implements Provider {
  readonly peer: PeerId
  /** It has all of the blob. Otherwise it's a downloader like us, which an earlier source has named. */
  readonly isComplete: boolean
  /** Kept when the same peer is a source once more. */
  readonly throughput: Throughput
  /** Aborts when the slot isn't needed any more. */
  readonly control = new AbortController()
  /** Those that haven't failed. */
  readonly fetchers = new Set<RangeFetcher>()
  offer: Offer
  state: SourceState = 'requested'
  /** Leaves, counted from the first, that it can give now. */
  available = 0
  /** It has given a leaf before all others. */
  hasGiven = false
  /** Another source was faster with a leaf that this one was asked for. */
  isSlow = false
  /** Races lost since it last gave a leaf before all others. */
  lostRaces = 0

  constructor({ peer, offer }: Provider, isComplete: boolean, throughput = new Throughput()) {
    this.peer = peer
    this.offer = offer
    this.isComplete = isComplete
    this.throughput = throughput
  }

  /** It has given nothing so far, and was too slow for what it was asked for. */
  get isDoubtful(): boolean {
    return this.isSlow && !this.hasGiven
  }
}

/** Complete sources at once. */
const MAX_SOURCES = 4

/** Complete sources at once, with those that send nothing. */
const MAX_TRIED_SOURCES = 16

/** Milliseconds after which a source that doesn't answer doesn't count. */
const PATIENCE_MS = 250

type IsMute = (source: Source) => boolean

const givesNothing = (source: Source, isMute: IsMute): boolean =>
  source.state === 'requested'
    ? performance.now() - source.throughput.sliceStart >= PATIENCE_MS
    : isMute(source)

function counted(sources: readonly Source[], isMute: IsMute): readonly Source[] {
  if (sources.length < MAX_SOURCES || sources.length >= MAX_TRIED_SOURCES) return sources
  return sources.filter((source) => !givesNothing(source, isMute))
}

/** Whether one more may be asked. @param isMute - whether it sends next to nothing of what it was asked for */
export const hasRoom = (sources: readonly Source[], isMute: IsMute): boolean =>
  counted(sources, isMute).length < MAX_SOURCES

/** Which of these gives way to a provider that wasn't asked yet; `undefined` while there is room for it. */
export const pickToReplace = (sources: readonly Source[], isMute: IsMute): Source | undefined =>
  hasRoom(sources, isMute) ? undefined : pickToPreempt(counted(sources, isMute))
