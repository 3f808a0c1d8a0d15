/**
 * The arithmetic of leaves: a blob is cut into leaves of 1 MiB. Their hashes are the leaves of its DAG, and by them peers
 * verify what they receive before all of it has come.
 */
import { algorithmOf, type Digest, encodedOf } from './oci/digest.ts'

/** Bytes of a leaf; the last one of a blob may be shorter. */
export const LEAF_SIZE = 1024 * 1024

/** Bytes of a sha-256. */
export const HASH_SIZE = 32

/** How many leaves a blob of so many bytes has. */
export const leafCount = (size: number): number => Math.ceil(size / LEAF_SIZE)

/** The length of one leaf, in bytes. */
export const leafLength = (size: number, leaf: number): number => Math.min(LEAF_SIZE, size - leaf * LEAF_SIZE)

/** The hash of one leaf in a list of hashes; shorter than {@link HASH_SIZE} where the list ends. */
export const hashAt = (hashes: Uint8Array, leaf: number): Uint8Array =>
  hashes.subarray(leaf * HASH_SIZE, (leaf + 1) * HASH_SIZE)

/** Whether the blob is a single leaf whose hash is the digest itself, so that no list of hashes is needed. */
export const isSingleLeaf = (digest: Digest, size: number): boolean =>
  size <= LEAF_SIZE && algorithmOf(digest) === 'sha256'

/** The hash that a digest writes in hexadecimal. */
export const hashBytesOf = (digest: Digest): Uint8Array =>
  Uint8Array.from(encodedOf(digest).match(/../g)!, (pair) => Number.parseInt(pair, 16))
