/** A program that sends so many broken packets of multicast DNS to the local network of its host. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../faults/random.ts'
import { join, mutate } from './mutate.ts'

const GROUP = '224.0.0.251'
const PORT = 5353

/** Packets without a pause: a socket has room for as many. */
const BURST = 50

const SERVICE = ['_flotilla', '_udp', 'local']
const ID = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc9'

const text = (value: string): Uint8Array => join(Uint8Array.of(value.length), Buffer.from(value))
const name = (labels: readonly string[]): Uint8Array => join(...labels.map(text), Uint8Array.of(0))

/** RFC 1035, section 4.1.3. */
function answer(labels: readonly string[], type: number, data: Uint8Array): Uint8Array {
  return join(name(labels), Uint8Array.of(0, type, 0, 1, 0, 0, 0, 120, 0, data.length), data)
}

const PTR = 12
const TXT = 16
const question = join(name(SERVICE), Uint8Array.of(0, PTR, 0, 1))
const pointer = answer(SERVICE, PTR, name(['fuzz', ...SERVICE]))
const addresses = ['/ip4/10.77.0.2/tcp/1', '/ip6/fe80::1/tcp/70000', '/dns4/a/tcp/1', '/ip4/10.77.0.2'].map(
  (address) => answer(['fuzz', ...SERVICE], TXT, text(`dnsaddr=${address}/p2p/${ID}`)),
)

/** With a header: an id of 0, whether it is a response, and how many questions and answers follow. */
const packet = (isResponse: boolean, questions: number, answers: number, ...parts: readonly Uint8Array[]) =>
  join(Uint8Array.of(0, 0, isResponse ? 0x84 : 0, 0, 0, questions, 0, answers, 0, 0, 0, 0), ...parts)

const SEEDS = [
  packet(false, 1, 0, question),
  packet(true, 0, 1 + addresses.length, pointer, ...addresses),
  packet(true, 0, 2, pointer, answer(['fuzz', ...SERVICE], TXT, text('dnsaddr=/ip4'))),
]

const [address, seed, count] = process.argv.slice(2) as [string, string, string]
const random = createRandom(Number(seed))
const socket = createSocket('udp4')
socket.bind(0, address)
await once(socket, 'listening')
socket.setMulticastInterface(address)
for (let sent = 0; sent < Number(count); sent++) {
  await new Promise((resolve) => socket.send(mutate(SEEDS, random).slice(0, 1400), PORT, GROUP, resolve))
  if (sent % BURST === BURST - 1) await sleep(10)
}
socket.close()
