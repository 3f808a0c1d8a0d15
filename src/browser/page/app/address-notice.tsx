/**
 * Tells users at which address they are, because a browser keeps the images of each address (origin) separate. Loaded
 * after the view.
 */

import { useEffect, useState } from 'preact/hooks'
import { requestJson } from '../requests/request.ts'
import { registryRevision } from '../requests/use-query.ts'

interface PageAddress {
  /** Whether images are stored at this address. */
  readonly images: boolean
  /** The address at which the page should be opened; absent if the server does not say. */
  readonly address?: string
  /** Addresses at which images may be stored too. */
  readonly others?: readonly string[]
}

const DISMISSED = 'flotilla-address-notice'

/** The server does not redirect URLs with one of these parameters; the page removes them. */
const MARKS = ['from', 'stay']

const staysHere = takeMarks()

/** Whether the user has chosen to stay at this address, in this tab. */
function takeMarks(): boolean {
  const url = new URL(location.href)
  if (url.searchParams.has('stay')) sessionStorage.setItem('flotilla-stay', '')
  if (MARKS.some((mark) => url.searchParams.has(mark))) {
    for (const mark of MARKS) url.searchParams.delete(mark)
    history.replaceState(history.state, '', url)
  }
  return sessionStorage.getItem('flotilla-stay') !== null
}

/** Goes to the server's address if nothing is stored at this one. */
function leaveFor({ images, address = location.origin }: PageAddress): void {
  if (address !== location.origin && !images && !staysHere)
    location.replace(`${address}${location.pathname}${location.search}`)
}

export function AddressNotice() {
  const [found, setFound] = useState<PageAddress>()
  const [isDismissed, setDismissed] = useState(false)
  const revision = registryRevision.value
  const [isFirst, setFirst] = useState(true)
  useEffect(() => {
    const show = (found: PageAddress) => {
      if (isFirst) leaveFor(found)
      setFirst(false)
      setFound(found)
    }
    requestJson<PageAddress>('/flotilla/page-address').then(show, () => {}) // there is no server: no notice
  }, [revision])
  const text = found && noticeOf(found)
  if (!text || isDismissed || localStorage.getItem(DISMISSED) === text.key) return null
  const dismiss = () => {
    localStorage.setItem(DISMISSED, text.key)
    setDismissed(true)
  }
  return (
    <div class="note" role="status">
      <p>{text.content}</p>
      <button type="button" class="button" onClick={dismiss}>
        Dismiss
      </button>
    </div>
  )
}

/** The notice, with a key by which a dismissed one is recognized. */
function noticeOf({ images, address = location.origin, others = [] }: PageAddress) {
  if (address !== location.origin && images)
    return {
      key: address,
      content: (
        <>
          <strong>
            This page's own address is <a href={`${address}/`}>{address}</a>.
          </strong>{' '}
          A browser keeps images apart for each address: what is stored here, at {location.origin}, is not
          seen there.
        </>
      ),
    }
  if (others.length === 0) return undefined
  return {
    key: others.join(' '),
    content: (
      <>
        <strong>Images may also be stored at another address.</strong> A browser keeps them apart for each.
        Look at{' '}
        {others.map((other, index) => (
          <>
            {index > 0 && ', '}
            <a href={`${other}/?stay`}>{other}</a>
          </>
        ))}
        .
      </>
    ),
  }
}
