/**
 * A receiver of raw HTTP: `http.get` of one blob and sha256 of its bytes; where a file is named, they are in it and
 * durable at the end. Nothing else. Forked with a URL and, if need be, that file.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { get } from 'node:http'
import { finished } from 'node:stream/promises'
import { report } from './report.ts'

const [url = '', path] = process.argv.slice(2)
const file = path === undefined ? undefined : createWriteStream(path, { flush: true })

process.once('message', () =>
  get(url, (response) => {
    const hash = createHash('sha256')
    response.on('data', (chunk: Buffer) => hash.update(chunk))
    if (file) response.pipe(file)
    response.on('end', async () => {
      if (file) await finished(file)
      report(hash)
    })
  }),
)
process.send!('ready')
