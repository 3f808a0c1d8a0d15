/** A new image for a whole fleet at once: all get it, and nobody has to send it to all. */

import { expect, test } from 'vitest'
import { closeFleet, type FleetPeer, openFleet, settled } from '../../../bench/swarm/fleet.ts'
import { makeImage, pull, push, timesSent } from '../../../bench/swarm/roll-out.ts'
import { SLOTS_PER_BLOB } from '../../../src/core/swarm/serve/slots.ts'
import { MIB } from '../../support/bytes.ts'
import { until } from './registry-peer.ts'

const PEERS = 12

test('an image reaches a fleet, and leaves its first provider a few times', async () => {
  const peers = await openFleet(PEERS)
  try {
    await settled(peers, 1000)
    const [first, ...others] = peers as [FleetPeer, ...FleetPeer[]]
    await until('all know the first', async () => first.network.peers().length === others.length)
    const image = makeImage([3 * MIB, MIB])
    await push(first, image)
    await Promise.all(others.map((peer) => pull(peer, image)))

    for (const layer of image.blobs.slice(1)) {
      const sent = await Promise.all(peers.map((peer) => timesSent(peer, others, layer)))
      expect(sent[0]).toBeGreaterThanOrEqual(1)
      expect(sent[0]).toBeLessThanOrEqual(2 * SLOTS_PER_BLOB)
      expect(sent.reduce((sum, times) => sum + times)).toBeCloseTo(others.length)
    }
  } finally {
    await closeFleet(peers)
  }
})
