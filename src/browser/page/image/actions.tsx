/** The actions for an image: pull, push, copy, download, keep, delete. */
import { useState } from 'preact/hooks'
import { announce } from '../components/announcement.tsx'
import { Icon } from '../components/icons.tsx'
import { lazily } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { navigate } from '../navigation.ts'
import { type ArchiveForm, archivePath, setKept } from '../requests/admin.ts'
import { invalidate, useMutation } from '../requests/use-query.ts'
import { repositoryPath } from '../route.ts'
import { pullImage } from '../transfers/pull/start-pull.ts'
import { attachedBlobs } from './attached-kind.ts'
import { platformText } from './image-config.ts'
import type { Image, Platform } from './use-image.ts'

interface ActionProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** The selected platform of an index. */
  readonly platform: Platform | undefined
}

type Opened = 'push' | 'copy' | 'delete'

export function Actions({ name, reference, image, platform }: ActionProps) {
  const [opened, setOpened] = useState<Opened>()
  const close = () => setOpened(undefined)
  const isAnyHere = image.stored?.missing === 0 || image.platforms.some(({ stored }) => stored?.missing === 0)
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

export const PushDialog = lazily(
  'the dialog',
  async () => (await import('../push/push-dialog.tsx')).PushDialog,
)

export const CopyDialog = lazily('the dialog', async () => (await import('./copy-dialog.tsx')).CopyDialog)

/** Only for images from peers: pushed and imported images are never evicted. */
function KeepButton({ name, image: { stored, manifest } }: Pick<ActionProps, 'name' | 'image'>) {
  const { failure, run } = useMutation()
  if (stored?.source !== 'peers') return null
  const { kept } = stored
  const keep = () =>
    run(async () => {
      await setKept(name, manifest.digest, !kept)
      announce(kept ? 'No longer kept when space runs out' : 'Kept when space runs out')
      invalidate()
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

interface PullProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** The selected platform of an index. */
  readonly platform: Platform | undefined
}

export function PullButtons({ name, reference, image: { stored }, platform }: PullProps) {
  if (stored?.missing === 0) return null
  const pull = (reference: string) => pullImage({ name, reference, keep: false })
  return (
    <>
      {platform && platform.stored?.missing !== 0 && (
        <button type="button" class="button primary" onClick={() => pull(platform.descriptor.digest)}>
          <Icon name="pull" /> Pull {platform.text}
        </button>
      )}
      <button type="button" class={platform ? 'button' : 'button primary'} onClick={() => pull(reference)}>
        <Icon name="pull" /> {platform ? 'Pull all platforms' : stored ? 'Pull the rest' : 'Pull'}
      </button>
    </>
  )
}

interface DownloadsProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** The selected platform of an index: docker loads one image at a time. */
  readonly platform: Platform | undefined
}

export function Downloads({ name, reference, image, platform }: DownloadsProps) {
  const { stored, manifest, platforms, others } = image
  const isComplete = (platform ?? image).stored?.missing === 0
  const isAnyComplete = stored?.missing === 0 || platforms.some(({ stored }) => stored?.missing === 0)
  const canLoad = !manifest.artifactType && attachedBlobs(manifest).length === 0
  const link = (form: ArchiveForm) => archivePath(name, reference, form)
  return (
    <>
      {isComplete && canLoad && others.length === 0 && (
        <Download
          href={link({ format: 'docker', platform: platform && platformText(platform.descriptor.platform) })}
          text="Download for docker load"
        />
      )}
      {isAnyComplete && <Download href={link({ format: 'oci' })} text="Download as OCI layout" />}
    </>
  )
}

/** Without `download`, which bypasses the service worker; the response's header makes it a download. */
const Download = ({ href, text }: { href: string; text: string }) => (
  <a class="button" href={href}>
    <Icon name="pull" /> {text}
  </a>
)

const DeletionDialog = lazily(
  'the dialog',
  async () => (await import('../deletion/deletion-dialog.tsx')).DeletionDialog,
)

interface DeleteProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly onClose: () => void
}

export function DeleteDialog({ name, reference, image: { manifest, stored }, onClose }: DeleteProps) {
  const tags = stored?.tags ?? []
  // If only a peer has this tag, there is no tag to delete here, only the image.
  const tag = tags.includes(reference) ? reference : undefined
  const target = { repository: name, images: [{ digest: manifest.digest, tag, tags }], isElsewhere: false }
  return <DeletionDialog target={target} onClose={onClose} onDelete={() => navigate(repositoryPath(name))} />
}
