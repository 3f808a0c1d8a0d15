/** Whether the server that the page comes from can be reached, as whoever asked last was told. Every part may show it. */
import { signal } from '@preact/signals'

export const isServerAway = signal(false)
