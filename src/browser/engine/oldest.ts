/**
 * The oldest browsers that the page and its service worker support: those of the last two years. The build compiles for
 * them, a test compares the built code with their features, and `page/obstacle.ts` checks the visitor's browser.
 */

/**
 * The versions of November 2024. Raise them together once a year. From Safari 26 on, whose service workers can write
 * files, `browser/idb-disk` is only needed for private windows.
 */
export const OLDEST = {
  chrome: '131',
  edge: '131',
  firefox: '133',
  safari: '18.1',
} as const

/** In the form of Vite and Oxc. On iOS all browsers are Safari. */
export const BUILD_TARGET: string[] = [
  ...Object.entries(OLDEST).map(([browser, version]) => `${browser}${version}`),
  `ios${OLDEST.safari}`,
]
