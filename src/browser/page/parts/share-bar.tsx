/** How much of a whole: a quiet bar. The number stands beside it, so it says nothing to screen readers. */
export const ShareBar = ({ part, whole }: { part: number; whole: number }) => (
  <span class="share" aria-hidden="true">
    <span style={{ inlineSize: `${whole > 0 ? Math.max(1, (100 * part) / whole) : 0}%` }} />
  </span>
)
