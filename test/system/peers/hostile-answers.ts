/** What a scripted peer answers: the truth, as far as its behaviour does not bend it. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerId } from '../../../src/core/swarm/ports.ts'
import { type Offer, requestSchema } from '../../../src/core/swarm/protocol/messages.ts'
import type { RequestHandler } from '../../../src/core/swarm/serve/handler.ts'
import { once } from '../../support/bytes.ts'
import type { Behaviour } from './lies.ts'
import type { Script } from './script.ts'
import type { ScriptedBlobs } from './scripted-blobs.ts'

export interface AnsweringParts {
  readonly script: Script
  readonly behaviour: Behaviour
  readonly blobs: ScriptedBlobs
  offerHttp?: ((peer: PeerId) => Offer['http']) | undefined
  readonly tell: (what: object) => void
}

export function createAnswer({ script, behaviour, blobs, offerHttp, tell }: AnsweringParts): RequestHandler {
  return async (asked, peer) => {
    const question = requestSchema.parse(asked)
    tell({ asked: question.ask, by: peer })
    await sleep(script.delay ?? 0)
    if ('value' in behaviour) return { value: behaviour.value }
    switch (question.ask) {
      case 'have': {
        const http = offerHttp?.(peer)
        const offers = question.digests.map((digest) => {
          const claimed = blobs.get(digest)?.claimed
          if (!claimed) return null
          const { size, root, mediaType } = claimed
          return { size, ...(root && { root }), ...(mediaType && { mediaType }), ...(http && { http }) }
        })
        return { value: { offers } }
      }
      case 'leaves': {
        const claimed = blobs.get(question.digest)?.claimed
        if (!claimed) return { value: null }
        const { size, root, leaves } = claimed
        const body = behaviour.list?.(leaves) ?? once(leaves)
        return { value: { size, root, leaves: leaves.length / 32 }, body }
      }
      case 'range': {
        const blob = blobs.get(question.digest)
        if (!blob) return { value: null }
        const value = { size: blob.claimed.size, length: question.end - question.start + 1 }
        return { value, body: blob.send(question, 'stream', peer) }
      }
      default:
        return { value: null }
    }
  }
}
