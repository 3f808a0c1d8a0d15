/** How far the layers have been read. */
import { sizeText } from '../parts/sizes.ts'
import type { ReadProgress } from './messages.ts'

export const ReadingProgress = ({ progress }: { progress: ReadProgress | undefined }) => (
  <div class="reading">
    <p class="quiet numbers" role="status">
      Reading the layers…
    </p>
    {progress && (
      <p class="quiet numbers">
        <progress
          value={progress.done}
          max={Math.max(progress.total, progress.done)}
          aria-label="Layers read"
        />{' '}
        {sizeText(progress.done)} of {sizeText(progress.total)}
      </p>
    )}
  </div>
)
