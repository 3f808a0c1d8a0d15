/** In place of every view, where the registry cannot run in this browser: what is missing, what works, what to do. */
import type { ComponentChildren } from 'preact'
import { OLDEST } from '../../engine/oldest.ts'
import type { Obstacle } from '../obstacle.ts'
import { Heading } from './heading.tsx'
import { ServerCommands } from './server-commands.tsx'

interface Words {
  readonly title: string
  readonly what: ComponentChildren
  /** What to do, one thing each; first what helps most. */
  readonly help: readonly ComponentChildren[]
  /** The browser's own words. */
  readonly reason?: string
}

export function NoRegistry({ obstacle }: { obstacle: Obstacle }) {
  const { title, what, help, reason } = wordsOf(obstacle)
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
        <ServerCommands isInsecure={obstacle.kind === 'insecure'} />
      </section>
      {reason && <p class="tip quiet">The browser says: {reason}</p>}
    </>
  )
}

function wordsOf(obstacle: Obstacle): Words {
  switch (obstacle.kind) {
    case 'insecure':
      return insecure()
    case 'old':
      return old(obstacle.lacks)
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
        reason: obstacle.reason,
      }
    case 'refused':
      return {
        title: 'The browser does not let the registry run',
        what: 'The registry is a service worker, and the browser refused it. That happens where it does not trust the certificate of this address, and where a site may not store anything.',
        help: [
          'Open the page by an address with a certificate that this browser trusts, or by http://localhost. To click a warning away is not enough for a service worker.',
          siteData,
        ],
        reason: obstacle.reason,
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
        reason: obstacle.reason,
      }
  }
}

const normalWindow = 'Open the page in a normal window, not a private one.'

const siteData = `Allow ${location.host} to store data (cookies and site data) in the browser’s settings.`

const newBrowser = `Use a newer browser: the page is for Chrome and Edge ${OLDEST.chrome}, Firefox ${OLDEST.firefox}, Safari ${OLDEST.safari}, and later ones.`

const old = (lacks: readonly string[]): Words => ({
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
