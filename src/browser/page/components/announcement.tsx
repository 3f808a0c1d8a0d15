/** Tells screen readers what happens out of sight, by one polite live region. */
import { signal } from '@preact/signals'

/** Announcements within this many milliseconds of each other are read together. */
const GROUP_MS = 1000

const announcement = signal('')

let texts: string[] = []
let timer: ReturnType<typeof setTimeout> | undefined

export const announce = (text: string): void => {
  texts.push(text)
  announcement.value = texts.join('. ')
  clearTimeout(timer)
  timer = setTimeout(() => {
    texts = []
  }, GROUP_MS)
}

export const Announcement = () => (
  <p class="visually-hidden" role="status">
    {announcement}
  </p>
)
