/**
 * The port `Network` of the service worker over the tab that leads, where libp2p runs. Tabs come and go: a question that
 * loses its leader is put to the next one, and a range goes on at the byte it had come to.
 */

import type { Bytes } from '../../../core/blobs/ports.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { Network, Response } from '../../../core/swarm/ports.ts'
import { websocketPeers } from '../../settings.ts'
import type { Leader, Tabs } from './leader.ts'
import { type PutQuestion, type PutReply, putQuestion } from './request.ts'
import { createSuccession, type Succession } from './succession.ts'

export interface TabNetworkParts extends Tabs, Pick<Network, 'verify'> {
  /** What the user set, as it is now. */
  settings(): Promise<{ readonly peers: readonly string[] }>
}

export interface TabNetwork extends Network, Pick<Succession, 'receive' | 'status'> {
  /** Resolves when a leading tab has told of its peers, or with the signal; at once where it would have none. */
  refresh(options: { readonly signal: AbortSignal }): Promise<void>
}

/** Leaders that one question is put to, one after another. */
const MAX_LEADERS = 4

export function createTabNetwork({ verify, settings, ...tabs }: TabNetworkParts): TabNetwork {
  const succession = createSuccession(tabs)
  const { leading, settled, receive } = succession

  async function put(asked: PutQuestion): Promise<Asked> {
    for (let leaders = 1; ; leaders++) {
      const by = await leading(asked.signal)
      try {
        return { ...(await putQuestion(by, asked)), by }
      } catch (error) {
        asked.signal.throwIfAborted()
        if (!by.gone.aborted || leaders === MAX_LEADERS) throw error
      }
    }
  }

  return {
    get self() {
      return succession.status?.id ?? ''
    },
    get status() {
      return succession.status
    },
    peers: () => succession.status?.peers.map(({ id }) => id) ?? [],

    async request(peer, question, options): Promise<Response> {
      options.signal.throwIfAborted()
      const control = new AbortController()
      const signal = AbortSignal.any([options.signal, control.signal])
      const asked = await put({ peer, question, signal })
      const resume = (rest: Range) => put({ peer, question: rest, signal })
      const letGo = () => control.abort(peerFailed('no longer wanted'))
      return { value: asked.value, bytes: bytesOf({ question, asked, resume, letGo }) }
    },

    async *findProviders() {},
    async provide() {},
    sign: () => Promise.reject(peerFailed('a web page signs nothing')),
    verify,
    async refresh({ signal }) {
      if (websocketPeers(await settings()).length > 0) await settled(signal)
    },
    receive,
  }
}

interface Asked extends PutReply {
  readonly by: Leader
}

interface Range extends Readonly<Record<string, unknown>> {
  readonly ask: 'range'
  readonly start: number
}

const isRange = (question: unknown): question is Range => (question as Range | null)?.ask === 'range'

interface Answered {
  readonly question: unknown
  readonly asked: Asked
  /** Puts the rest of a range to the next leader. */
  resume(rest: Range): Promise<Asked>
  letGo(): void
}

/** An iterator by hand, as letting go must work before the first chunk and during one. */
function bytesOf({ question, asked, resume, letGo }: Answered): Bytes {
  let source = asked
  let received = 0
  let leaders = 1

  async function read(): Promise<Uint8Array | undefined> {
    try {
      return await source.read()
    } catch (error) {
      if (!isRange(question) || !source.by.gone.aborted || leaders === MAX_LEADERS) throw error
      leaders++
      source = await resume({ ...question, start: question.start + received })
      return read()
    }
  }

  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const value = await read()
      received += value?.byteLength ?? 0
      return value ? { done: false, value } : { done: true, value: undefined }
    },
    async return() {
      letGo()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
