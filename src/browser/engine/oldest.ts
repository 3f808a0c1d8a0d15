/**
 * The oldest browsers that the page and its service worker run in: those of the last two years. The build translates the
 * code for them, a test compares what is built with what they have, and `page/obstacle.ts` checks the one who came.
 */

/**
 * The versions of November 2024. Raise them together once a year; with Safari 26, whose service workers can write files,
 * `browser/idb-disk` is for private windows alone.
 */
export const OLDEST = {
  chrome: '131',
  edge: '131',
  firefox: '133',
  safari: '18.1',
} as const

/** As Vite and Oxc want it. On iOS all browsers are Safari. */
export const BUILD_TARGET: string[] = [
  ...Object.entries(OLDEST).map(([browser, version]) => `${browser}${version}`),
  `ios${OLDEST.safari}`,
]
