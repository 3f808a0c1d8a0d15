/** What a person reads who has started a registry for the first time, and what a program waits for. */
interface Started {
  readonly version: string
  /** Where the registry listens, such as `http://127.0.0.1:5000`. */
  readonly url: string
  /** Where the images are kept, in words. */
  readonly data: string
  /** The path of the web page, if there is one. */
  readonly page: string | undefined
}

const EVERYWHERE = new Set(['0.0.0.0', '[::]'])
const HERE = new Set([...EVERYWHERE, '127.0.0.1', '[::1]', 'localhost'])

export function welcome({ version, url, data, page }: Started): string {
  const { hostname, port } = new URL(url)
  const host = `${EVERYWHERE.has(hostname) ? '127.0.0.1' : hostname}:${port || 80}`
  // Docker speaks plain HTTP without being told to with this name only, and browsers trust it with service workers.
  const localHost = HERE.has(hostname) ? `localhost:${port || 80}` : host
  const pageLine = page === undefined ? '' : `web page at http://${localHost}${page}\n`
  return `flotilla ${version}
listening on ${url.replace(/\/$/, '')}
${pageLine}keeping images in ${data}

Push a first image:
  skopeo copy --dest-tls-verify=false docker://alpine docker://${host}/alpine
  docker pull alpine && docker tag alpine ${localHost}/alpine && docker push ${localHost}/alpine
`
}
