/** What a person reads who has started a registry for the first time, and what a program waits for. */
interface Started {
  readonly version: string
  /** Where the registry listens, such as `http://127.0.0.1:5000`. */
  readonly url: string
  /** Where the images are kept, in words. */
  readonly data: string
  /** Where people open the web page, if there is one. */
  readonly page: string | undefined
}

const HERE = new Set(['0.0.0.0', '[::]', '127.0.0.1', '[::1]', 'localhost'])

export function welcome({ version, url, data, page }: Started): string {
  const { hostname, port } = new URL(url)
  // Docker speaks plain HTTP without being told to with this name only, and browsers trust it with service workers.
  const host = `${HERE.has(hostname) ? 'localhost' : hostname}:${port || 80}`
  const pageLine = page === undefined ? '' : `web page at ${page}\n`
  return `flotilla ${version}
listening on ${url.replace(/\/$/, '')}
${pageLine}keeping images in ${data}

Push a first image:
  skopeo copy --dest-tls-verify=false docker://alpine docker://${host}/alpine
  docker pull alpine && docker tag alpine ${host}/alpine && docker push ${host}/alpine
`
}
