/** The next page of a long list. */
interface MoreProps {
  readonly shown: number
  readonly total?: number
  readonly onMore: () => void
}

export const MoreButton = ({ shown, total, onMore }: MoreProps) => (
  <p class="more">
    <button type="button" class="button" onClick={onMore}>
      Show more
    </button>
    <span class="quiet">
      {shown.toLocaleString('en')} shown{total !== undefined && ` of ${total.toLocaleString('en')}`}
    </span>
  </p>
)
