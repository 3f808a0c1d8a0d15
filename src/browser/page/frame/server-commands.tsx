/** The server that the page comes from, by command line: it is a registry too, unless it only serves files. */
import { useEffect, useState } from 'preact/hooks'

export function ServerCommands({ isInsecure }: { isInsecure: boolean }) {
  const [isRegistry, setRegistry] = useState(false)
  useEffect(() => {
    asksLikeARegistry().then(setRegistry, () => {}) // it is away
  }, [])
  if (!isRegistry) return null
  const { host } = location
  return (
    <>
      <p>
        The server at <strong>{host}</strong> is a registry itself. docker, podman and others use it without
        this page:
      </p>
      <pre>
        docker push {host}/NAME:TAG{'\n'}docker pull {host}/NAME:TAG
      </pre>
      {isInsecure && (
        <p class="quiet">
          docker takes plain HTTP from another machine only where <code>insecure-registries</code> in its
          daemon.json names {host}.
        </p>
      )}
    </>
  )
}

/** Without a worker in between, it is the server that answers; one for files sends a page, or 404. */
async function asksLikeARegistry(): Promise<boolean> {
  const { status, headers } = await fetch('/v2/')
  const isAnswer = status === 200 || status === 401
  return isAnswer && headers.has('Docker-Distribution-Api-Version')
}
