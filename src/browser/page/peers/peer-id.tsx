/** A shortened peer id that keeps its end, because all ids start alike. */
import { CopyButton } from '../components/buttons.tsx'

export const shortId = (id: string): string => `${id.slice(0, 6)}…${id.slice(-8)}`

export const PeerId = ({ id }: { id: string }) => (
  <span class="peer-id">
    <code class="digest" title={id}>
      {shortId(id)}
    </code>
    <CopyButton text={id} what="peer id" />
  </span>
)
