/** Questions to the registry in this browser, once it is there. Failures are `RegistryError`s, as everywhere. */
import { createClient } from '../../../core/client/client.ts'
import { createTransport, type Fetch, type HandOver } from '../../../core/client/transport.ts'
import { noticeObstacle, ready } from '../registry.ts'
import { handOver } from './hand-over.ts'
import { quietly } from './quietly.ts'

let answered!: () => void

/** Until then the browser's time is for what the view shows: what is not seen at once waits for it. */
export const firstAnswer = new Promise<void>((resolve) => {
  answered = resolve // older than `withResolvers`: the page tells what else this browser lacks
})

const send: Fetch = async (request) => {
  await ready()
  return noticeObstacle(await fetch(request).finally(answered))
}

const handOverWhenReady: HandOver = async (...sent) => {
  await ready()
  return handOver(...sent)
}

/** What every client can ask. */
export const client = createClient({ fetch: send, handOver: handOverWhenReady })

/** The same of a peer that is reached by HTTP: the worker sends on what is below this path. */
export const clientOfPeer = (id: string) =>
  createClient({ fetch: quietly(send), base: `/flotilla/peers/${id}` })

export const { find: findAtPeer } = createTransport(quietly(send), '')

/** `ask` throws for all that is no success, `find` gives `undefined` for what is not there. */
export const { ask, find } = createTransport(send, '')

/**
 * For what is merely looked at: what is not here comes from peers without being kept, and nothing changes.
 *
 * @param see - told of every answer
 */
export const createLookingClient = (see: (response: Response) => void = () => {}) =>
  createClient({ fetch: looking(see) })

export const lookingTransport = createTransport(looking(), '')

function looking(see: (response: Response) => void = () => {}): Fetch {
  return async (request) => {
    request.headers.set('Cache-Control', 'no-store')
    const response = await send(request)
    see(response)
    return response
  }
}

export const askJson = async <T>(...question: Parameters<typeof ask>): Promise<T> =>
  (await ask(...question)).json()

export interface Page<T> {
  readonly entries: readonly T[]
  /** The path of the page that follows. */
  readonly next: string | undefined
}

/** Where a list goes on. @see https://www.rfc-editor.org/rfc/rfc8288 */
export const nextOf = (response: Response): string | undefined =>
  /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get('Link') ?? '')?.[1]
