/** What is around every view: the header, notices, transfers, and the place to drop archives, which is everywhere. */
import { openedDialog } from '../add/dialog-state.ts'
import { Dialogs } from '../add/dialogs.tsx'
import { ListDialogs } from '../lists/list-dialogs.tsx'
import { MenuDialogs } from '../menu/menu-dialogs.tsx'
import { openedMenuDialog } from '../menu/menu-state.ts'
import { Announcement } from '../parts/announcement.tsx'
import { Problem } from '../parts/problem.tsx'
import { obstacle } from '../registry.ts'
import { route } from '../route-state.ts'
import { transfersFailure, transfersPart } from '../transfers/start-transfer.ts'
import { Boundary } from './boundary.tsx'
import { DropArea } from './drop-area.tsx'
import { Header } from './header.tsx'
import { Hindered } from './hindered.tsx'
import { Notices } from './notices.tsx'
import { View } from './view.tsx'

export const Frame = () => (
  <>
    <a class="skip" href="#main">
      Skip to content
    </a>
    <Header page={route.value.page} />
    <main id="main" tabIndex={-1}>
      <Boundary what="The notices">
        <Notices />
      </Boundary>
      {obstacle.value ? <Hindered obstacle={obstacle.value} /> : <View route={route.value} />}
    </main>
    <Boundary what="The transfers">
      <Transfers />
    </Boundary>
    <Boundary at={openedDialog.value} what="The dialog">
      <Dialogs />
    </Boundary>
    <Boundary what="The list's dialogs">
      <ListDialogs />
    </Boundary>
    <Boundary at={openedMenuDialog.value} what="The dialog">
      <MenuDialogs />
    </Boundary>
    <DropArea />
    <Announcement />
  </>
)

const Transfers = () => {
  const part = transfersPart.value
  if (part) return <part.Transfers />
  const failure = transfersFailure.value
  return failure ? <Problem title="The transfers could not be opened." failure={failure} /> : null
}
