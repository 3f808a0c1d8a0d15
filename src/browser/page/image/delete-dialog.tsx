/** Deletes the image that is looked at; afterwards its repository is shown, where that can be undone. */
import { useModule } from '../lists/use-module.ts'
import { repositoryPath } from '../route.ts'
import { navigate } from '../route-state.ts'
import type { Image } from './use-image.ts'

interface DeleteProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly onClose: () => void
}

export function DeleteDialog({ name, reference, image: { manifest, held }, onClose }: DeleteProps) {
  const RemovalDialog = useModule(async () => (await import('../removal/removal-dialog.tsx')).RemovalDialog)
  if (!RemovalDialog) return null
  const tags = held?.tags ?? []
  // What a peer calls by this tag has no tag here, and nothing to take away but the image.
  const tag = tags.includes(reference) ? reference : undefined
  return (
    <RemovalDialog
      wish={{ repository: name, images: [{ digest: manifest.digest, tag, tags }], isElsewhere: false }}
      onClose={onClose}
      onRemove={() => navigate(repositoryPath(name))}
    />
  )
}
