/** A receiver of raw HTTP: `http.get` of one blob, sha256 of its bytes, nothing else. Forked with a URL. */
import { createHash } from 'node:crypto'
import { get } from 'node:http'
import { report } from './report.ts'

const [url = ''] = process.argv.slice(2)

process.once('message', () =>
  get(url, (response) => {
    const hash = createHash('sha256')
    response.on('data', (chunk: Buffer) => hash.update(chunk))
    response.on('end', () => report(hash))
  }),
)
process.send!('ready')
