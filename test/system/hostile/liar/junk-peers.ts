/**
 * A program: strangers, each with its own identity, that make up as many referrers of any manifest as they are told to. They connect to a registry, answer whatever it asks, and write down how often that was.
 */

import { generateKeyPair } from '@libp2p/crypto/keys'
import { tcp } from '@libp2p/tcp'
import { MemoryBlockstore } from 'blockstore-core'
import { MemoryDatastore } from 'datastore-core/memory'
import { configSchema } from '../../../../src/core/config.ts'
import { openPeer } from '../../../../src/core/libp2p/peer.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import type { Network } from '../../../../src/core/swarm/ports.ts'
import { referrersStatement, signStatement } from '../../../../src/core/swarm/protocol/statements.ts'
import type { RequestHandler } from '../../../../src/core/swarm/serve/handler.ts'
import { once } from '../../../support/bytes.ts'
import { digestOf } from '../../../support/digest.ts'
import { artifactOf, type Pushed, VEX } from '../support/artifacts.ts'

export interface Junk {
  readonly strangers: number
  /** Of each of them. */
  readonly referrers: number
  readonly subject: Pushed
  /** Multiaddr of the registry that is attacked. */
  readonly victim: string
}

const { strangers, referrers, subject, victim }: Junk = JSON.parse(process.argv[2]!)
for (let number = 0; number < strangers; number++) await start(number)
process.stdout.write('ready\n')

async function start(number: number): Promise<void> {
  const { swarm } = configSchema.parse({
    version: 0.1,
    storage: { inmemory: {} },
    swarm: { dht: { enabled: false }, bootstrap: [victim] },
  })
  const { network, join } = await openPeer({
    settings: swarm,
    privateKey: await generateKeyPair('Ed25519'),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    transports: [tcp()],
    discovery: [],
    version: '0',
    datastore: new MemoryDatastore(),
    blockstore: new MemoryBlockstore(),
    log: silentLog,
  })
  await join(answerWith(network, makeUp(`stranger ${number}`)))
}

function makeUp(by: string): ReadonlyMap<string, Buffer> {
  const texts = Array.from({ length: referrers }, (_, number) =>
    artifactOf(`${by}: not affected by CVE-${number}`, { subject, artifactType: VEX }),
  )
  return new Map(texts.map((text) => [digestOf(text), Buffer.from(text)]))
}

function answerWith(network: Network, junk: ReadonlyMap<string, Buffer>): RequestHandler {
  return async (asked) => {
    const question = asked as { ask: string; digest: Digest; digests: Digest[]; nonce: string }
    process.stdout.write(`asked ${question.ask}\n`)
    if (question.ask === 'referrers') {
      const digests = [...junk.keys()] as Digest[]
      const statement = referrersStatement(question.nonce, question.digest, digests)
      return { value: { digests, signature: await signStatement(network, statement) } }
    }
    if (question.ask === 'have') {
      const offers = question.digests.map((digest) => {
        const held = junk.get(digest)
        return held ? { size: held.length, mediaType: subject.mediaType } : null
      })
      return { value: { offers } }
    }
    const held = question.ask === 'range' ? junk.get(question.digest) : undefined
    return held ? { value: { size: held.length, length: held.length }, body: once(held) } : { value: null }
  }
}
