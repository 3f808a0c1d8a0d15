/** The bulk server of a scripted peer: correct heads, and then whatever its script sends of a blob, to every requester. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { ByteRange } from '../../../src/core/oci/range.ts'
import type { PeerId } from '../../../src/core/swarm/ports.ts'
import type { Offer } from '../../../src/core/swarm/protocol/messages.ts'
import { createCertificate } from '../../../src/node/bulk/certificate.ts'
import type { ScriptedBlob, ScriptedBlobs } from './scripted-blobs.ts'

export interface HostileServer {
  /** Its ticket is the name of the peer. */
  offer(peer: PeerId): NonNullable<Offer['http']>
}

const REQUEST = /^GET \/blobs\/(\S+) .*\r\nAuthorization: Bearer (\S+)\r\nRange: bytes=(\d+)-(\d+)\r\n\r\n$/s

export async function openHostileServer(blobs: ScriptedBlobs, host = '127.0.0.1'): Promise<HostileServer> {
  const { key, certificate, fingerprint } = await createCertificate()
  const server = createServer({ key, cert: certificate }, (socket) => {
    let request = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      request += chunk
      const match = REQUEST.exec(request)
      if (!match) return
      request = ''
      const [, digest, peer, start, end] = match
      void respond(socket, blobs.get(digest!), peer!, { start: Number(start), end: Number(end) })
    })
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { offer: (peer) => ({ port, certificate: fingerprint, ticket: peer }) }
}

async function respond(
  socket: TLSSocket,
  blob: ScriptedBlob | undefined,
  peer: PeerId,
  range: ByteRange,
): Promise<void> {
  if (!blob) return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
  const { start, end } = range
  const length = `Content-Length: ${end - start + 1}`
  const part = `Content-Range: bytes ${start}-${end}/${blob.claimed.size}`
  socket.write(`HTTP/1.1 206 Partial Content\r\n${length}\r\n${part}\r\n\r\n`)
  let sent = 0
  for await (const chunk of blob.send(range, 'http', peer)) {
    if (socket.destroyed) return
    sent += chunk.length
    if (!socket.write(chunk))
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {})
  }
  if (sent < end - start + 1) socket.end()
}
