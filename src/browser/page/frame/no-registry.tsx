/** What there is to see where the browser offers no service worker. */
import { Icon } from '../parts/icon.tsx'
import { Heading } from './heading.tsx'

export const NoRegistry = () => (
  <>
    <Heading text="No registry in this window" />
    <div class="note problem" role="alert">
      <Icon name="warning" />
      <p>
        <strong>The registry cannot start here.</strong> It is a service worker, which browsers do not offer
        in some private windows, and over plain HTTP on localhost only. Open the page in a normal window, over
        HTTPS.
      </p>
    </div>
  </>
)
