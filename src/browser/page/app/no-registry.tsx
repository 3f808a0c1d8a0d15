/** Shown instead of a view if the registry cannot run in this browser: what is missing, what works, what to do. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { OLDEST } from '../../engine/oldest.ts'
import { Heading } from '../components/heading.tsx'
import type { StartupProblem } from '../startup-problem.ts'

interface Words {
  readonly title: string
  readonly what: ComponentChildren
  /** What to do, the most helpful first. */
  readonly help: readonly ComponentChildren[]
  /** The browser's message. */
  readonly reason?: string
}

export function NoRegistry({ problem }: { problem: StartupProblem }) {
  const { title, what, help, reason } = wordsOf(problem)
  return (
    <>
      <header class="view-head">
        <Heading text={title} />
      </header>
      <p>{what}</p>
      <section class="section">
        <h2>What you can do</h2>
        <ul class="help-list">
          {help.map((text, index) => (
            <li key={index}>{text}</li>
          ))}
        </ul>
      </section>
      <section class="section">
        <h2>What still works</h2>
        <p>Nothing of this page, until then. Images that this browser keeps already stay as they are.</p>
        <ServerCommands isInsecure={problem.kind === 'insecure'} />
      </section>
      {reason && <p class="tip quiet">The browser says: {reason}</p>}
    </>
  )
}

function wordsOf(problem: StartupProblem): Words {
  switch (problem.kind) {
    case 'insecure':
      return insecure()
    case 'old':
      return tooOld(problem.lacks)
    case 'no-worker':
      return {
        title: 'No registry in this window',
        what: 'The registry is a service worker, and this window runs none. Browsers hide them in some private windows, and where a site may not store anything.',
        help: [normalWindow, siteData],
      }
    case 'no-storage':
      return {
        title: 'No storage in this window',
        what: 'The registry keeps images in the storage that a browser gives each site, and this window gives none. That happens in some private windows, and where a site may not store anything.',
        help: [normalWindow, siteData, newBrowser],
        reason: problem.reason,
      }
    case 'refused':
      return {
        title: 'The browser does not let the registry run',
        what: 'The registry is a service worker, and the browser refused it. That happens where it does not trust the certificate of this address, and where a site may not store anything.',
        help: [
          'Open the page by an address with a certificate that this browser trusts, or by http://localhost. Clicking a warning away is not enough for a service worker.',
          siteData,
        ],
        reason: problem.reason,
      }
    case 'not-started':
      return {
        title: 'The registry did not start',
        what: 'The script that it runs from (sw.js) did not come from the server, or did not run.',
        help: [
          <>
            If the server or the network is down: wait until it is back.{' '}
            <button type="button" class="button" onClick={() => location.reload()}>
              Try again
            </button>
          </>,
          <>
            If it is not: <a href="/flotilla/reset">reset the page</a>, which installs it anew. Images stay
            unless you ask for more.
          </>,
          newBrowser,
        ],
        reason: problem.reason,
      }
  }
}

const normalWindow = 'Open the page in a normal window, not a private one.'

const siteData = `Allow ${location.host} to store data (cookies and site data) in the browser’s settings.`

const newBrowser = `Use a newer browser: the page is for Chrome and Edge ${OLDEST.chrome}, Firefox ${OLDEST.firefox}, Safari ${OLDEST.safari}, and later ones.`

const tooOld = (lacks: readonly string[]): Words => ({
  title: 'This browser is too old for the page',
  what: `It does not have ${lacks.join(', ')}.`,
  help: [newBrowser],
})

function insecure(): Words {
  const port = location.port || '80'
  const local = `http://localhost:${port}/`
  return {
    title: 'The registry needs a secure address',
    what: (
      <>
        Browsers run it only on pages that come by HTTPS, or from this machine. This one came by plain HTTP
        from <strong>{location.host}</strong>.
      </>
    ),
    help: [
      <>
        If the server runs on this machine: open <a href={local}>{local}</a>
      </>,
      <>
        If it runs on another one that you can log in to: forward its port by{' '}
        <code>
          ssh -L {port}:localhost:{port} {location.hostname}
        </code>
        , leave that open, and go to <a href={local}>{local}</a>
      </>,
      <>If many people use it: put a proxy with HTTPS in front of it, such as Caddy or nginx.</>,
    ],
  }
}

export function ServerCommands({ isInsecure }: { isInsecure: boolean }) {
  const [isRegistry, setRegistry] = useState(false)
  useEffect(() => {
    asksLikeARegistry().then(setRegistry, () => {}) // it is unreachable
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

/** Without a service worker, the server responds; one that only serves files sends a page or 404. */
async function asksLikeARegistry(): Promise<boolean> {
  const { status, headers } = await fetch('/v2/')
  const isAnswer = status === 200 || status === 401
  return isAnswer && headers.has('Docker-Distribution-Api-Version')
}
