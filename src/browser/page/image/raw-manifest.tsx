/** The manifest itself, for those who want to see it. */
import { CopyButton } from '../parts/copy-button.tsx'
import type { ImageManifest } from '../requests/distribution.ts'

export const RawManifest = ({ manifest: { json } }: { manifest: ImageManifest }) => (
  <details class="section">
    <summary>
      <h2>Manifest</h2>
    </summary>
    <div class="raw">
      <CopyButton text={JSON.stringify(json, null, 2)} what="manifest" />
      <pre>{JSON.stringify(json, null, 2)}</pre>
    </div>
  </details>
)
