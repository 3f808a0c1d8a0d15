/** The page's icons: strokes in the colour of the text, always next to a word. */

const PATHS = {
  push: 'M8 11V2.5M4.5 6 8 2.5 11.5 6M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2',
  pull: 'M8 2.5V11M4.5 7.5 8 11l3.5-3.5M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2',
  import: 'M8 2v7M5 6l3 3 3-3M5.5 3.5h-3v10h11v-10h-3',
  copy: 'M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2',
  done: 'm3 8.5 3.5 3.5L13 4.5',
  delete: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9',
  keep: 'M5 2.5h6M6 2.5v4L4 9.5h8L10 6.5v-4M8 9.5v4',
  close: 'm4 4 8 8M12 4l-8 8',
  pause: 'M5.5 3v10M10.5 3v10',
  resume: 'M5 3v10l8-5z',
  down: 'm4 6 4 4 4-4',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  warning: 'M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.8v.2',
} as const

export type IconName = keyof typeof PATHS

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
)

/** The logo: the same drawing as public/icon.svg, in the accent colour. */
export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
    <path d="M11.2 3c5.83 5.12 9.86 12.3 10.6 20.5H11.2z" />
    <path d="M23.4 10c3.74 3.38 6.32 8.1 6.8 13.5H23.4z" opacity=".72" />
    <path d="M2.2 12.5c3.52 2.75 5.95 6.6 6.4 11H2.2z" opacity=".5" />
    <path d="M3.4 26h25.2a1.5 1.5 0 0 1 0 3H3.4a1.5 1.5 0 0 1 0-3z" />
  </svg>
)
