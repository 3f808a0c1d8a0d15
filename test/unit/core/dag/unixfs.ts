/** The DAG as another implementation builds it, with the profile of ours. */
import { type UnixFS, unixfs } from '@helia/unixfs'
import type { Blockstore } from 'interface-blockstore'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'
import { MIB } from './content.ts'

const PROFILE = {
  chunker: fixedSize({ chunkSize: MIB }),
  layout: balanced({ maxChildrenPerNode: 1024 }),
  rawLeaves: true,
  cidVersion: 1,
} as const

export const fileSystemOn = (blockstore: Blockstore): UnixFS =>
  unixfs({ blockstore } as Parameters<typeof unixfs>[0])

export const importInto = (blockstore: Blockstore, bytes: Iterable<Uint8Array>): Promise<CID> =>
  fileSystemOn(blockstore).addByteStream(
    (async function* () {
      yield* bytes
    })(),
    PROFILE,
  )
