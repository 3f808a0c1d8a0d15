/** What happens out of sight is said to those who listen to the page: one polite live region for all of it. */
import { signal } from '@preact/signals'

const announcement = signal('')

export const announce = (text: string): void => {
  announcement.value = text
}

export const Announcement = () => (
  <p class="visually-hidden" role="status">
    {announcement}
  </p>
)
