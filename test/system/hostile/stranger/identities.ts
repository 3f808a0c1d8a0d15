/**
 * A stranger with any number of identities, in a separate process: each connects, says that it is a registry, and is
 * dropped, or held until the process ends. Writes down how many got in.
 */
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { PROTOCOL } from '../../../../src/core/swarm/protocol/limits.ts'

const AT_ONCE = 20

const [victim, count, hold] = process.argv.slice(2) as [string, string, 'hold' | undefined]
let left = Number(count)
let admitted = 0
await Promise.all(Array.from({ length: AT_ONCE }, comeAndGo))
process.stdout.write(`admitted ${admitted}\n`)

async function comeAndGo(): Promise<void> {
  while (left-- > 0) await pretend().catch(() => {})
}

async function pretend(): Promise<void> {
  const libp2p = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  try {
    await libp2p.handle(PROTOCOL, (stream) => stream.abort(new Error('nothing here')))
    const refused = new Promise((_, reject) => libp2p.addEventListener('peer:disconnect', reject))
    const isIdentified = new Promise((resolve) => libp2p.addEventListener('peer:identify', resolve))
    await libp2p.dial(multiaddr(victim), { signal: AbortSignal.timeout(5000) })
    await Promise.race([isIdentified, refused])
    admitted += 1
    if (!hold) await libp2p.stop()
  } catch {
    await libp2p.stop()
  }
}
