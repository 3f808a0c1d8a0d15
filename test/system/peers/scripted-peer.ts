/** Starts scripted peers, and reads what they write down. */
import { fileURLToPath } from 'node:url'
import { startChild } from '../../support/child-process.ts'
import type { Line, Script } from './script.ts'

const PROGRAM = fileURLToPath(new URL('hostile-peer.ts', import.meta.url))

export interface ScriptedPeer {
  /** Its multiaddr. */
  readonly address: string
  readonly id: string
  /** Requests that it got from this peer. */
  questions(by: string): number
  /** Those that the DHT has named, each time. */
  found(): string[]
  /** Bytes that it has sent, of ranges that are over. */
  sent(): number
}

export interface ScriptedPeers<Peers> extends AsyncDisposable {
  /** In the order of their scripts. */
  readonly peers: Peers
  kill(): Promise<void>
}

/** As many peers in one process as there are scripts. @param launcher - a program that starts it, with its arguments */
export async function startScriptedPeers<const Scripts extends readonly Script[]>(
  scripts: Scripts,
  launcher: readonly string[] = [],
): Promise<ScriptedPeers<{ readonly [Key in keyof Scripts]: ScriptedPeer }>> {
  const [program, ...options] = [...launcher, process.execPath]
  const child = startChild(program!, [...options, PROGRAM, JSON.stringify(scripts)])
  const lines = (): Line[] =>
    child
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line))
  await child.waitFor(/^\{"ready":\d+\}\n/m, 120_000)
  const addresses = lines().flatMap((line) => ('listening' in line ? [line.listening] : []))
  const kill = async () => void (await child.end('SIGKILL'))
  return {
    peers: addresses.map((address) => peerAt(address, lines)) as never,
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

function peerAt(address: string, lines: () => Line[]): ScriptedPeer {
  const id = address.split('/').at(-1)!
  return {
    address,
    id,
    questions: (by) => lines().filter((line) => 'asked' in line && line.peer === id && line.by === by).length,
    found: () => lines().flatMap((line) => ('found' in line && line.peer === id ? [line.found] : [])),
    sent: () => lines().reduce((sum, line) => sum + ('sent' in line && line.peer === id ? line.sent : 0), 0),
  }
}
