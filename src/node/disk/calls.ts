/**
 * The file-system calls of a push, on plain descriptors. Those that wait for the device run in the thread pool. Those
 * that only change what the kernel has in memory are done at once: handing a rename to a thread costs more than the
 * rename, and a push of something small would spend most of its time in such hand-overs.
 */
import { closeSync, fdatasync, fstat, ftruncate, open, read, renameSync, writeSync, writev } from 'node:fs'
import { promisify } from 'node:util'

export const calls = {
  open: promisify(open),
  read: promisify(read),
  writev: promisify(writev),
  datasync: promisify(fdatasync),
  truncate: promisify(ftruncate),
  stat: promisify(fstat),
  writeNow: writeSync,
  renameNow: renameSync,
  closeNow: closeSync,
} as const
