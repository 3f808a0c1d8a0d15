/** The image as a file, in the two forms that tools take. */
import { Icon } from '../parts/icon.tsx'
import { type ArchiveForm, archivePath } from '../requests/owner.ts'
import { attachedBlobs } from './attached-kind.ts'
import { platformText } from './image-config.ts'
import type { Image, Platform } from './use-image.ts'

interface DownloadsProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** Of an index: docker takes one image at a time. */
  readonly platform: Platform | undefined
}

export function Downloads({ name, reference, image, platform }: DownloadsProps) {
  const { held, manifest, platforms, others } = image
  const isComplete = (platform ?? image).held?.missing === 0
  const isAnyComplete = held?.missing === 0 || platforms.some(({ held }) => held?.missing === 0)
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

/** Without `download`, which would ask the server instead of the service worker; the answer says that it is a file. */
const Download = ({ href, text }: { href: string; text: string }) => (
  <a class="button" href={href}>
    <Icon name="pull" /> {text}
  </a>
)
