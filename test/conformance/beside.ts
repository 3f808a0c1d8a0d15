/**
 * A registry beside another one that holds all the same content: whatever a client pushes to the first is there at the
 * second, a peer that is trusted, before the client hears of it. Only the first is told of deletions.
 */
import type { IncomingMessage } from 'node:http'
import { type Exchange, startRecordingProxy } from '../support/recording-proxy.ts'
import { startRegistryPeer } from '../system/peers/registry-peer.ts'

export interface Beside extends AsyncDisposable {
  /** Where clients ask. */
  readonly host: string
  /** Deletions so far, each of something that the peer holds. @throws what kept the two from being the same */
  deletions(): number
}

const HERE_ALONE = { 'Cache-Control': 'only-if-cached' }
const PUSHED = /^\/v2\/(?<name>.+)\/(?:manifests\/[^/?]+|blobs\/uploads\/[^/?]*)/

export async function openBeside(environment: Record<string, string>): Promise<Beside> {
  await using undo = new AsyncDisposableStack()
  const peer = undo.use(await startRegistryPeer([], { environment }))
  const trust = { REGISTRY_SWARM_TRUST: JSON.stringify([await peer.id()]), REGISTRY_SWARM_TIMEOUT: '400ms' }
  const first = undo.use(
    await startRegistryPeer([await peer.peerAddress()], { environment: { ...environment, ...trust } }),
  )
  await first.meet(await peer.id())

  let deletions = 0
  let failure: unknown
  const follow = async (exchange: Exchange, answer: IncomingMessage): Promise<void> => {
    const { method, url, status } = exchange
    if (status === 201) await copy(first.url, peer.url, exchange, answer)
    if (method !== 'DELETE' || status !== 202) return
    await succeed(200, await fetch(peer.url + url, { method: 'HEAD', headers: HERE_ALONE }))
    deletions++
  }
  const proxy = undo.use(
    await startRecordingProxy(first.url, async (...answered) => {
      await follow(...answered).catch((error) => {
        failure ??= error
        throw error
      })
    }),
  )
  const resources = undo.move()
  return {
    host: proxy.host,
    deletions() {
      if (failure) throw failure
      return deletions
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** What was pushed, from the one to the other. */
async function copy(
  from: string,
  to: string,
  { url }: Exchange,
  { headers }: IncomingMessage,
): Promise<void> {
  const name = PUSHED.exec(url)!.groups!['name']!
  const digest = headers['docker-content-digest']
  const isManifest = url.includes('/manifests/')
  const source = `${from}/v2/${name}/${isManifest ? 'manifests' : 'blobs'}/${digest}`
  const held = await succeed(200, await fetch(source, { headers: { ...HERE_ALONE, Accept: '*/*' } }))
  const target = isManifest ? url : `/v2/${name}/blobs/uploads/?digest=${digest}`
  const type = isManifest ? held.headers.get('content-type')! : 'application/octet-stream'
  const pushed = await fetch(to + target, {
    method: isManifest ? 'PUT' : 'POST',
    headers: { 'Content-Type': type },
    body: await held.arrayBuffer(),
  })
  await succeed(201, pushed)
}

async function succeed(status: number, response: Response): Promise<Response> {
  if (response.status === status) return response
  throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
}
