/** What happens out of sight is said to those who listen to the page: one polite live region for all of it. */
import { signal } from '@preact/signals'

/** Milliseconds in which what is said stays, and what comes after it is said with it. */
const TOGETHER = 1000

const announcement = signal('')

let said: string[] = []
let timer: ReturnType<typeof setTimeout> | undefined

export const announce = (text: string): void => {
  said.push(text)
  announcement.value = said.join('. ')
  clearTimeout(timer)
  timer = setTimeout(() => {
    said = []
  }, TOGETHER)
}

export const Announcement = () => (
  <p class="visually-hidden" role="status">
    {announcement}
  </p>
)
