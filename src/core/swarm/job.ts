/** The life of one download: looked for, found, brought, linked wherever it was asked for; and what is told of it. */
import type { Content, Upload } from '../blobs/ports.ts'
import { LEAF_SIZE } from '../catalog/blobs.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { Arrival } from '../store/elsewhere.ts'
import type { Store } from '../store/store.ts'
import { createClaimants } from './claimants.ts'
import { type Claim, isEqual, isOwnLeaf } from './claims.ts'
import { bring } from './download.ts'
import { createGathered, type Gathered } from './gathered.ts'
import type { Finder } from './holders.ts'
import type { HashLeaf, Network, PeerId, Road } from './ports.ts'
import { recordedClaim } from './recorded-claim.ts'
import type { Slots } from './slots.ts'
import type { Standing } from './standing.ts'
import type { Partial } from './turn-answers.ts'

export interface Download extends Arrival {
  /** Resolves when the blob is here, verified, durable and linked; rejects where it could not be had. */
  readonly done: Promise<void>
}

export interface Job {
  /** Those that it is to be served in. */
  readonly repositories: Set<string>
  readonly connectedOnly: boolean
  /** Makes a download of what was found: one for each caller, as its size may turn out to be another. */
  readonly found: Promise<(() => Download) | undefined>
  /** What has come so far, once anything is known of it. */
  readonly partial: Partial | undefined
  /** It is over, and only tidies up. */
  readonly hasFailed: boolean
  /** Never rejects. */
  readonly ended: Promise<void>
}

export interface JobParts {
  readonly network: Network
  /** The fastest first. */
  readonly roads: readonly Road[]
  readonly finder: Finder
  readonly standing: Standing
  readonly store: Pick<Store, 'downloads' | 'catalog'>
  readonly hashLeaf: HashLeaf
  readonly settings: Pick<Config['swarm'], 'stall'>
  readonly log: Log
  /** Told of every leaf that is used. */
  readonly onReceive?: (peer: PeerId, road: string, bytes: number) => void
  readonly connectedOnly: boolean
  readonly signal: AbortSignal
  slotsFor(size: number): Slots
  /** Called when nothing can be joined any more. */
  onEnd(): void
}

export function createJob(digest: Digest, parts: JobParts): Job {
  const { store, signal, connectedOnly, log } = parts
  const { stall } = parts.settings
  const repositories = new Set<string>()
  const origins = new Map<PeerId, number>()
  const found = Promise.withResolvers<(() => Download) | undefined>()
  const claimants = createClaimants(digest, {
    ...parts,
    limit: stall,
    recorded: () => recordedClaim(store.catalog, digest),
  })
  const start = performance.now()
  let hasFailed = false
  let partial: Partial | undefined

  async function run(): Promise<void> {
    void claimants.search({ signal, connectedOnly })
    const claim = await claimants.next()
    const held = claim && (await store.downloads.held(digest))
    if (held) await share(held, claim)
    else if (claim) await download(claim)
  }

  /** What is here for other repositories may be served in this one as well, if it is had from the swarm anyway. */
  async function share(held: Content, first: Claim): Promise<void> {
    for (let claim: Claim | undefined = first; claim; claim = await claimants.next()) {
      if (await isTrue(claim, held)) {
        await linkAll()
        const stream: Download['stream'] = (range) => held.stream(range)
        found.resolve(() => ({ size: held.size, stream, origins: () => origins, done: Promise.resolve() }))
        return
      }
      claimants.refuse(claim)
    }
  }

  async function isTrue(claim: Claim, { size }: Content): Promise<boolean> {
    const leaves = await store.catalog.leaves.get(digest)
    return claim.size === size && (!leaves || isEqual(leaves, claim.leaves))
  }

  async function download(claim: Claim): Promise<void> {
    const upload = await store.downloads.begin(digest, { isResumable: claim.size > LEAF_SIZE })
    try {
      await gather(claim, upload)
    } catch (error) {
      // What the swarm could not finish, a later start goes on with; what the disk could not keep takes no more room.
      const isKept = upload.size >= LEAF_SIZE && (signal.aborted || isUnavailable(error))
      await (isKept ? store.downloads.keep(digest, upload) : store.downloads.drop(digest, upload))
      throw error
    }
  }

  async function gather(claim: Claim, upload: Upload): Promise<void> {
    const reader = await upload.open()
    const gathered = createGathered(reader)
    gathered.begin(claim.size, 0)
    const onReceive = parts.onReceive ?? (() => {})
    const onClaim = (claim: Claim) => {
      partial = partialOf(claim, gathered)
      tellOf(claim)
    }
    const tellOf = ({ size }: Claim) => {
      // Its size is all that is known of a blob of one leaf, and it may be false: that one is told of when it is here.
      if (!isOwnLeaf(digest, size)) tell()
    }
    const tell = () => found.resolve(() => downloadOf(gathered, done))
    const known = {
      digest,
      claimants,
      gathered,
      upload,
      reader,
      repositories,
      origins,
      stall,
      onReceive,
      onClaim,
    }
    const work = () => bring({ ...parts, ...known, store: store.downloads })
    const done = parts.slotsFor(claim.size).hold(work, signal).then(linkAll)
    done.catch((error) => {
      hasFailed = true
      gathered.fail(error)
    })
    tellOf(claim)
    await done
    tell()
    log.info('blob brought from the swarm', fields())
  }

  function downloadOf(gathered: Gathered, done: Promise<void>): Download {
    const { size } = gathered
    return { size, stream: (range) => gathered.stream(size, range), origins: () => origins, done }
  }

  /** Also for those who ask while it is being committed. */
  async function linkAll(): Promise<void> {
    for (const repository of repositories) {
      const isLinked = (await store.catalog.blobs.sizeIn(repository, digest)) !== undefined
      if (!isLinked) await store.downloads.link(repository, digest)
    }
    parts.onEnd()
  }

  const fields = () => ({
    digest,
    repositories: [...repositories],
    peers: Object.fromEntries(origins),
    milliseconds: Math.round(performance.now() - start),
  })

  found.promise.catch(() => {})
  const ended = run()
    .then(
      () => found.resolve(undefined),
      (error) => {
        if (isUnavailable(error)) found.resolve(undefined)
        else found.reject(error)
        if (!signal.aborted) log.warn('blob not brought from the swarm', { ...fields(), err: error })
      },
    )
    .finally(parts.onEnd)

  return {
    repositories,
    connectedOnly,
    found: found.promise,
    ended,
    get partial() {
      return hasFailed ? undefined : partial
    },
    get hasFailed() {
      return hasFailed
    },
  }
}

function partialOf({ size, root }: Claim, { early, progress }: Gathered): Partial {
  const content = { size, stream: (range = { start: 0, end: size - 1 }) => early(range) }
  return { offer: { size, ...(root && { root }) }, content, progress }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'UNAVAILABLE'
