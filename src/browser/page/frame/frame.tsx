/** What is around every view: the header, notices, transfers, and the place to drop archives, which is everywhere. */
import { Dialogs } from '../add/dialogs.tsx'
import { Announcement } from '../parts/announcement.tsx'
import { registryState } from '../registry.ts'
import { route } from '../route-state.ts'
import { Transfers } from '../transfers/transfers.tsx'
import { DropArea } from './drop-area.tsx'
import { Header } from './header.tsx'
import { NoRegistry } from './no-registry.tsx'
import { Notices } from './notices.tsx'
import { View } from './view.tsx'

export const Frame = () => (
  <>
    <a class="skip" href="#main">
      Skip to content
    </a>
    <Header page={route.value.page} />
    <main id="main" tabIndex={-1}>
      <Notices />
      {registryState.value === 'unsupported' ? <NoRegistry /> : <View route={route.value} />}
    </main>
    <Transfers />
    <Dialogs />
    <DropArea />
    <Announcement />
  </>
)
