/** Between the browser and the registry's site: what the browser asks for, and the driver in each page that it gets. */
import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

/** Inserted before the scripts of each page. */
export const DRIVER_TAG = '<script src="/driver/driver.js" type="module"></script>'

/** As if the browser had asked the site itself. */
export async function passOn(
  asked: IncomingMessage,
  response: ServerResponse,
  site: URL,
  own: URL,
): Promise<void> {
  const headers: Record<string, string | string[] | undefined> = { ...asked.headers, host: site.host }
  if (headers['accept-encoding']) headers['accept-encoding'] = 'gzip' // what is unpacked here
  for (const name of ['origin', 'referer']) {
    const value = headers[name]
    if (typeof value === 'string') headers[name] = value.replace(own.origin, site.origin)
  }
  const asking = request(new URL(asked.url!, site), { method: asked.method, headers, agent: false })
  asked.pipe(asking)
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  if (answer.headers['content-type']?.startsWith('text/html')) return await addDriver(answer, response)
  response.writeHead(answer.statusCode!, answer.headers)
  await pipeline(answer, response)
}

async function addDriver(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const { 'content-length': _, 'content-encoding': encoding, etag, ...headers } = answer.headers
  const page = await text(encoding === 'gzip' ? answer.pipe(createGunzip()) : answer)
  if (!page.includes('<head>')) throw new Error(`the site's page has no head: ${page.slice(0, 100)}`)
  response.writeHead(answer.statusCode!, headers)
  response.end(page.replace('<head>', `<head>${DRIVER_TAG}`))
}
