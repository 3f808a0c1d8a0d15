/**
 * The arithmetic of leaves: a blob is cut into leaves of 1 MiB, from whose hashes its DAG is built and by which peers
 * verify what they get before all of it has come. Pure, and below every room that counts leaves.
 */
import { algorithmOf, type Digest, encodedOf } from './oci/digest.ts'

/** Bytes of a leaf; the last one of a blob may be shorter. */
export const LEAF_SIZE = 1024 * 1024

/** Bytes of one sha-256. */
export const HASH_SIZE = 32

/** The number of leaves of a blob of so many bytes. */
export const leafCount = (size: number): number => Math.ceil(size / LEAF_SIZE)

/** The bytes of one leaf of a blob. */
export const leafLength = (size: number, leaf: number): number => Math.min(LEAF_SIZE, size - leaf * LEAF_SIZE)

/** The hash of one leaf, in a list of 32 bytes a leaf. It is shorter where the list ends. */
export const hashAt = (hashes: Uint8Array, leaf: number): Uint8Array =>
  hashes.subarray(leaf * HASH_SIZE, (leaf + 1) * HASH_SIZE)

/** Whether the blob is one leaf whose hash is the digest itself, so that no list of hashes is needed. */
export const isSingleLeaf = (digest: Digest, size: number): boolean =>
  size <= LEAF_SIZE && algorithmOf(digest) === 'sha256'

/** The bytes of a digest's hash. */
export const hashBytesOf = (digest: Digest): Uint8Array =>
  Uint8Array.from(encodedOf(digest).match(/../g)!, (pair) => Number.parseInt(pair, 16))
