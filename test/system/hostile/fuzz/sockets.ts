/** Sends broken bytes to a port and sees that the other side comes to an end with them. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Random } from '../../faults/random.ts'
import { join, mutate } from './mutate.ts'

/** A server that has neither answered nor closed for so long after the client's last byte hangs, in milliseconds. */
const PATIENCE = 45_000

export interface Fuzzed {
  /** What came back, at its beginning. */
  readonly answer: string
  readonly hangs: boolean
}

export interface SocketTarget {
  readonly port: number
  readonly seeds: readonly Uint8Array[]
  /** Begins with TLS, and sends the broken bytes inside. */
  readonly tls?: boolean
  /** Sent unchanged before the broken bytes. */
  readonly opening?: Uint8Array
}

/** One connection: a few broken messages in pieces, then the client's end of the stream or a reset. */
export async function fuzzSocket(target: SocketTarget, random: Random): Promise<Fuzzed> {
  const messages = Array.from({ length: random.integer(1, 3) }, () => mutate(target.seeds, random))
  const bytes = join(target.opening ?? new Uint8Array(), ...messages)
  const cut = random.integer(0, bytes.length)
  const leaves = random.chance(0.2)
  const socket = open(target)
  const ended = endOf(socket)
  socket.write(bytes.subarray(0, cut))
  socket.write(bytes.subarray(cut))
  if (leaves) socket.destroy()
  else socket.end()
  return ended
}

const open = ({ port, tls }: SocketTarget): Socket =>
  tls
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect({ port, host: '127.0.0.1' })

function endOf(socket: Socket): Promise<Fuzzed> {
  let answer = ''
  let hangs = false
  socket.on('data', (bytes) => {
    if (answer.length < 1000) answer += bytes.toString('latin1')
  })
  socket.on('error', () => {}) // a server may cut the connection while we still send
  const timer = setTimeout(() => {
    hangs = true
    socket.destroy()
  }, PATIENCE)
  return new Promise((resolve) =>
    socket.once('close', () => {
      clearTimeout(timer)
      resolve({ answer, hangs })
    }),
  )
}
