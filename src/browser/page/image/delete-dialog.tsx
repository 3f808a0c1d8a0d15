/** Deletes the image that is looked at; afterwards its repository is shown, where that can be undone. */
import { lazily } from '../parts/lazily.tsx'
import { repositoryPath } from '../route.ts'
import { navigate } from '../route-state.ts'
import type { Image } from './use-image.ts'

const RemovalDialog = lazily(
  'the dialog',
  async () => (await import('../removal/removal-dialog.tsx')).RemovalDialog,
)

interface DeleteProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly onClose: () => void
}

export function DeleteDialog({ name, reference, image: { manifest, held }, onClose }: DeleteProps) {
  const tags = held?.tags ?? []
  // What a peer calls by this tag has no tag here, and nothing to take away but the image.
  const tag = tags.includes(reference) ? reference : undefined
  const wish = { repository: name, images: [{ digest: manifest.digest, tag, tags }], isElsewhere: false }
  return <RemovalDialog wish={wish} onClose={onClose} onRemove={() => navigate(repositoryPath(name))} />
}
