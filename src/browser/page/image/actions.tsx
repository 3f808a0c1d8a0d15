/** What can be done with an image. */
import { useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { Icon } from '../parts/icon.tsx'
import { lazily } from '../parts/lazily.tsx'
import { Problem } from '../parts/problem.tsx'
import { setKept } from '../requests/owner.ts'
import { useAttempt } from '../use-attempt.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { Downloads } from './downloads.tsx'
import { PullButtons } from './pull-buttons.tsx'
import type { Image, Platform } from './use-image.ts'

interface ActionProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** Of an index: the one that is looked at. */
  readonly platform: Platform | undefined
}

type Opened = 'push' | 'copy' | 'delete'

export function Actions({ name, reference, image, platform }: ActionProps) {
  const [opened, setOpened] = useState<Opened>()
  const close = () => setOpened(undefined)
  const isAnyHere = image.held?.missing === 0 || image.platforms.some(({ held }) => held?.missing === 0)
  return (
    <>
      <div class="actions">
        <PullButtons name={name} reference={reference} image={image} platform={platform} />
        {isAnyHere && (
          <>
            <button type="button" class="button" onClick={() => setOpened('push')}>
              <Icon name="push" /> Push…
            </button>
            <button type="button" class="button" onClick={() => setOpened('copy')}>
              <Icon name="copy" /> Copy or retag…
            </button>
          </>
        )}
        <Downloads name={name} reference={reference} image={image} platform={platform} />
        <KeepButton name={name} image={image} />
        <button type="button" class="button danger" onClick={() => setOpened('delete')}>
          <Icon name="delete" /> Delete…
        </button>
      </div>
      {opened === 'push' && <PushDialog name={name} reference={reference} image={image} onClose={close} />}
      {opened === 'copy' && <CopyDialog name={name} reference={reference} image={image} onClose={close} />}
      {opened === 'delete' && (
        <DeleteDialog name={name} reference={reference} image={image} onClose={close} />
      )}
    </>
  )
}

/** To the server, a peer or another registry. */
export const PushDialog = lazily(
  'the dialog',
  async () => (await import('../push/push-dialog.tsx')).PushDialog,
)

/** Another name in this browser. */
export const CopyDialog = lazily(
  'the dialog',
  async () => (await import('../copy/copy-dialog.tsx')).CopyDialog,
)

/** For what came from peers: what was put here by its user is never removed to make room. */
function KeepButton({ name, image: { held, manifest } }: Pick<ActionProps, 'name' | 'image'>) {
  const { failure, attempt } = useAttempt()
  if (held?.source !== 'peers') return null
  const { kept } = held
  const keep = () =>
    attempt(async () => {
      await setKept(name, manifest.digest, !kept)
      announce(kept ? 'No longer kept when space runs out' : 'Kept when space runs out')
      tellChange()
    })
  return (
    <>
      <button type="button" class="button" aria-pressed={kept} onClick={keep}>
        <Icon name="keep" /> Keep when space runs out
      </button>
      {failure !== undefined && <Problem title="That did not work." failure={failure} />}
    </>
  )
}
