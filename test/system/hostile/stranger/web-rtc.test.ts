/**
 * Who: anybody who can send a datagram, from any forged address.
 * Tries: to make the native library of WebRTC open a connection for each one, until the registry answers nobody else.
 * Gets: nothing by default, as nothing listens and the library is not even loaded; where WebRTC-direct is configured,
 * sixteen connections at a time, and no server on the Internet hears of them.
 */

import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { watchSending } from '../../faults/strace.ts'
import { startRegistryPeer, until } from '../../peers/registry-peer.ts'
import { portOf, startOnDoors } from '../support/doors.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'

const DOORS = ['tcp/0', 'udp/0/webrtc-direct']

/** What the libraries are called in the process's memory. */
const NATIVE = /node[_-]datachannel/

/** How a name is looked up: DNS, or the service that asks there. */
const LOOK_UP = /htons\(53\)|systemd\.Resolve/

const DATAGRAMS = 10_000

/** Addresses of this machine that they come from. */
const SOURCES = 8

test('by default nothing listens, and the library is not loaded', async () => {
  await using registry = await startRegistryPeer([], { environment: { REGISTRY_SWARM_LISTEN: 'null' } })
  const { addresses } = await registry.status()
  expect(addresses.filter((address) => address.includes('/udp/'))).toEqual([])
  expect(readFileSync(`/proc/${registry.pid}/maps`, 'utf8')).not.toMatch(NATIVE)
})

test(`${DATAGRAMS} datagrams`, async () => {
  await using registry = await startOnDoors(DOORS)
  const port = await portOf(registry, 'udp/webrtc-direct')
  expect(readFileSync(`/proc/${registry.pid}/maps`, 'utf8')).toMatch(NATIVE)
  await using watching = await watch(registry)
  await flood(port, DATAGRAMS)
  await until('it answers', async () => (await fetch(`${registry.url}/v2/`)).ok)
  await sleep(2000) // what it has begun goes on for some seconds
  const { latency, memory } = await watching.end()
  record(`WebRTC-direct: ${DATAGRAMS} STUN datagrams`, {
    p99Ms: latency.p99,
    mostMs: latency.most,
    moreMiB: (memory.most - memory.before) / MIB,
  })
  expect(latency.p99).toBeLessThan(1000)
  expect(memory.most - memory.before).toBeLessThan(150 * MIB)
  expect(await registry.stop()).toBe(0)
})

test('no STUN server is looked up for a connection', async () => {
  await using registry = await startOnDoors(DOORS)
  const { addresses, id } = await registry.status()
  await using trace = await watchSending(registry.pid)
  await using peer = await startRegistryPeer(
    addresses.filter((address) => address.includes('webrtc')),
    {
      environment: { REGISTRY_SWARM_LISTEN: JSON.stringify(['/ip4/127.0.0.1/udp/0/webrtc-direct']) },
    },
  )
  await peer.meet(id)
  const lines = await trace.end()
  expect(
    lines.filter((line) => line.includes('AF_INET')),
    'datagrams to the peer',
  ).not.toEqual([])
  expect(lines.filter((line) => LOOK_UP.test(line))).toEqual([])
})

async function flood(port: number, count: number): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: SOURCES }, (_, index) => openSource(index + 1)))
  for (let number = 0; number < count; number++) {
    sockets[number % SOURCES]!.send(bindingRequest(), port, '127.0.0.1')
    if (number % 100 === 99) await sleep(5) // or the kernel throws them away
  }
  for (const socket of sockets) socket.close()
}

async function openSource(number: number) {
  const socket = createSocket('udp4').on('error', () => {})
  socket.bind(0, `127.0.0.${number}`)
  await once(socket, 'listening')
  return socket
}

/** Of a user who was never seen. @see https://www.rfc-editor.org/rfc/rfc8489#section-5 */
function bindingRequest(): Buffer {
  const name = `libp2p+webrtc+v1/${randomBytes(16).toString('hex')}`
  const user = attribute(0x0006, Buffer.from(`${name}:${name}`))
  const controlling = attribute(0x802a, randomBytes(8))
  const priority = attribute(0x0024, Buffer.from([0x6e, 0x7f, 0x1e, 0xff]))
  const attributes = Buffer.concat([user, controlling, priority])
  const head = Buffer.from([0, 1, 0, attributes.length, 0x21, 0x12, 0xa4, 0x42])
  return Buffer.concat([head, randomBytes(12), attributes])
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}
