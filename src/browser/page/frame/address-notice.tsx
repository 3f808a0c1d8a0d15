/**
 * At which address this page is: images that are stored in this browser at one address are not seen at another. Loaded
 * once the page is there.
 */
import { useEffect, useState } from 'preact/hooks'
import { changes } from '../changes-state.ts'
import { askJson } from '../requests/request.ts'

interface PageAddress {
  /** Images are stored at this one. */
  readonly images: boolean
  /** The one at which the page should be opened; absent where the server does not say. */
  readonly address?: string
  /** Where images may be stored, too. */
  readonly others?: readonly string[]
}

const DISMISSED = 'flotilla-address-notice'

/** The server sends nobody on who is there with one of these; for the page they say nothing. */
const MARKS = ['from', 'stay']

const staysHere = takeMarks()

/** Whether the user wants to stay at this address, in this tab. */
function takeMarks(): boolean {
  const url = new URL(location.href)
  if (url.searchParams.has('stay')) sessionStorage.setItem('flotilla-stay', '')
  if (MARKS.some((mark) => url.searchParams.has(mark))) {
    for (const mark of MARKS) url.searchParams.delete(mark)
    history.replaceState(history.state, '', url)
  }
  return sessionStorage.getItem('flotilla-stay') !== null
}

/** Nothing is here that one could miss elsewhere. */
function leaveFor({ images, address = location.origin }: PageAddress): void {
  if (address !== location.origin && !images && !staysHere)
    location.replace(`${address}${location.pathname}${location.search}`)
}

export function AddressNotice() {
  const [found, setFound] = useState<PageAddress>()
  const [isDismissed, setDismissed] = useState(false)
  const revision = changes.value
  const [isFirst, setFirst] = useState(true)
  useEffect(() => {
    const show = (found: PageAddress) => {
      if (isFirst) leaveFor(found)
      setFirst(false)
      setFound(found)
    }
    askJson<PageAddress>('/flotilla/page-address').then(show, () => {}) // a page without a server says nothing
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

/** What is to be said, and what tells it from what was said before. */
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
