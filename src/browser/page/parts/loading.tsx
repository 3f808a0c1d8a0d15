/** Says that something is being read, but only if that takes long enough to be noticed. */
export const Loading = ({ what }: { what: string }) => (
  <p class="loading quiet" role="status">
    Reading {what}…
  </p>
)
