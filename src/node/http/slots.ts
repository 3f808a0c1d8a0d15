/**
 * Slots: the buffers that file content passes through on its way out, used again and again. Pulls run at the speed of
 * the loopback with two of this size; Node's own read streams, which allocate, are four times slower.
 */
export const SLOT_SIZE = 1024 * 1024

/** Kept for the next pull; more are allocated at need and then let go. */
const MOST_KEPT = 16

const free: Buffer[] = []

export const takeSlot = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(SLOT_SIZE)

export function returnSlot(slot: Buffer): void {
  if (free.length < MOST_KEPT) free.push(slot)
}
