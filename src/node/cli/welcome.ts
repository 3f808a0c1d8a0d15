/** What a person reads who has started a registry for the first time, and what a program waits for. */
interface Started {
  readonly version: string
  /** Where the registry listens, such as `http://127.0.0.1:5000`. */
  readonly url: string
  /** Where the images are kept, in words. */
  readonly data: string
}

const EVERYWHERE = new Set(['0.0.0.0', '[::]'])
const HERE = new Set([...EVERYWHERE, '127.0.0.1', '[::1]', 'localhost'])

export function welcome({ version, url, data }: Started): string {
  const { hostname, port } = new URL(url)
  const host = `${EVERYWHERE.has(hostname) ? '127.0.0.1' : hostname}:${port || 80}`
  // Docker speaks plain HTTP without being told to with this name only.
  const dockerHost = HERE.has(hostname) ? `localhost:${port || 80}` : host
  return `flotilla ${version}
listening on ${url.replace(/\/$/, '')}
keeping images in ${data}

Push a first image:
  skopeo copy --dest-tls-verify=false docker://alpine docker://${host}/alpine
  docker pull alpine && docker tag alpine ${dockerHost}/alpine && docker push ${dockerHost}/alpine
`
}
