/**
 * The UnixFS part of an inner node. Written out because the library that writes it, `ipfs-unixfs` 13.1, leaves bytes
 * undefined in sizes from 2 GiB to 4 GiB: each call would give another root.
 *
 * @see https://specs.ipfs.tech/unixfs/#data-field
 */
const FILE_TYPE = [0x08, 0x02]
const FILE_SIZE = 0x18
const BLOCK_SIZE = 0x20

/** @param sizes - of the blob below each child, in bytes */
export function encodeFile(sizes: readonly number[]): Uint8Array {
  const bytes = [...FILE_TYPE, FILE_SIZE]
  addVarint(
    bytes,
    sizes.reduce((sum, size) => sum + size, 0),
  )
  for (const size of sizes) {
    bytes.push(BLOCK_SIZE)
    addVarint(bytes, size)
  }
  return Uint8Array.from(bytes)
}

/** By division: bit operators would cut numbers to 32 bits. */
function addVarint(bytes: number[], number: number): void {
  let rest = number
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
}
