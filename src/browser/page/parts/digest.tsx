/** A digest as people tell digests apart: its beginning, with the whole on demand. */
import { shortDigest } from './texts.ts'

export const Digest = ({ digest }: { digest: string }) => (
  <code class="digest" title={digest}>
    {shortDigest(digest)}
  </code>
)
