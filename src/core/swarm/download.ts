/**
 * One blob on its way here, from the first peer that claims to have it until its digest is verified. What is kept at
 * any moment is verified leaf by leaf against a claim; a claim that turns out false takes its bytes with it.
 */
import type { Upload, UploadReader } from '../blobs/ports.ts'
import { LEAF_SIZE } from '../catalog/blobs.ts'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { DownloadStore } from '../store/downloads.ts'
import type { Claimants } from './claimants.ts'
import { type Claim, hashOf, isEqual, isOwnLeaf, isSame, leafCount, leafLength } from './claims.ts'
import type { Gathered } from './gathered.ts'
import type { HashLeaf, Network, PeerId, Road } from './ports.ts'
import type { Standing } from './standing.ts'
import { createTransfer, Deserted } from './transfer.ts'

export interface DownloadParts {
  readonly digest: Digest
  readonly network: Network
  readonly claimants: Claimants
  readonly gathered: Gathered
  readonly upload: Upload
  readonly reader: UploadReader
  /** Those to serve it in; may grow. */
  readonly repositories: ReadonlySet<string>
  readonly origins: Map<PeerId, number>
  readonly store: DownloadStore
  readonly roads: readonly Road[]
  readonly hashLeaf: HashLeaf
  readonly standing: Standing
  readonly stall: number
  readonly signal: AbortSignal
  /** Told of each claim that is followed. */
  readonly onClaim: (claim: Claim) => void
  readonly onReceive: (peer: PeerId, road: string, bytes: number) => void
}

/** Resolves when the blob is here. @throws RegistryError UNAVAILABLE where nobody is left who could give the rest */
export async function bring(parts: DownloadParts): Promise<void> {
  const { claimants, signal, upload } = parts
  let before: Claim | undefined
  let searchedAt = -1
  for (;;) {
    const claim = await claimants.next()
    signal.throwIfAborted()
    if (claim) {
      if (await bringClaimed(claim, before, parts)) return
      before = claim
    } else if (upload.size > searchedAt) {
      searchedAt = upload.size // once more, for as long as that brings something
      await claimants.search({ signal })
    } else if (await takeHeld(parts)) {
      return
    } else {
      throw new RegistryError('UNAVAILABLE', 'no peer gives the rest of the blob')
    }
  }
}

/** `false` where the claim is false, or everybody who stood by it has left. */
async function bringClaimed(claim: Claim, before: Claim | undefined, parts: DownloadParts): Promise<boolean> {
  const { digest, upload, gathered, claimants, store } = parts
  const kept =
    before && isSame(before, claim) ? wholeLeaves(upload.size, claim) : await trueLeaves(claim, parts)
  const size = Math.min(kept * LEAF_SIZE, claim.size)
  gathered.begin(claim.size, size)
  parts.onClaim(claim)
  await upload.truncate(size)
  try {
    await fetchRest(claim, kept, parts)
    const leaves = isOwnLeaf(digest, claim.size) ? undefined : claim.leaves
    gathered.settle(await store.commit(digest, upload, { ...parts, leaves }))
    return true
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'DIGEST_INVALID') claimants.refuse(claim)
    else if (!(error instanceof Deserted)) throw error
    return false
  }
}

async function fetchRest(claim: Claim, kept: number, parts: DownloadParts): Promise<void> {
  const { upload, claimants, gathered, signal, origins } = parts
  const transfer = createTransfer({
    ...parts,
    claim,
    first: kept,
    onReceive(peer, road, bytes) {
      origins.set(peer, (origins.get(peer) ?? 0) + bytes)
      parts.onReceive(peer, road, bytes)
    },
  })
  const unfollow = claimants.follow(claim, transfer.add)
  try {
    await upload.append(transfer.leaves(), { signal, last: true, onProgress: gathered.grow })
  } finally {
    unfollow()
  }
}

/** Somebody may have pushed the same blob meanwhile: the rest is then taken from there. */
async function takeHeld(parts: DownloadParts): Promise<boolean> {
  const { digest, upload, gathered, store, signal } = parts
  const held = await store.held(digest)
  if (!held || held.size !== gathered.size) return false
  if (upload.size < held.size) {
    const rest = held.stream({ start: upload.size, end: held.size - 1 })
    await upload.append(rest, { signal, last: true, onProgress: gathered.grow })
  }
  gathered.settle(await store.commit(digest, upload, parts))
  return true
}

/** How many leaves of the upload are whole. */
const wholeLeaves = (stored: number, { size }: Claim): number =>
  stored >= size ? leafCount(size) : Math.floor(stored / LEAF_SIZE)

/** How many leaves of the upload are what is claimed: it may be of an earlier start, or of a false claim. */
async function trueLeaves(claim: Claim, { upload, reader, hashLeaf }: DownloadParts): Promise<number> {
  const whole = wholeLeaves(upload.size, claim)
  for (let leaf = 0; leaf < whole; leaf++) {
    const bytes = await readLeaf(reader, leaf, leafLength(claim.size, leaf))
    const { hash } = await hashLeaf(bytes)
    if (!isEqual(hash, hashOf(claim, leaf))) return leaf
  }
  return whole
}

async function readLeaf(reader: UploadReader, leaf: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let read = 0; read < length; ) {
    const piece = await reader.read(leaf * LEAF_SIZE + read, length - read)
    bytes.set(piece, read)
    read += piece.length
  }
  return bytes
}
