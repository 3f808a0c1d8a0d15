/**
 * The oldest browsers that the page and its service worker run in: those of the last two years. The build translates the
 * code for them, a test compares what is built with what they have, and `page/obstacle.ts` checks the one who came.
 */

/**
 * The versions of November 2024; of Safari the first in which a service worker can write files (September 2025). Raise
 * them together once a year.
 */
export const OLDEST = {
  chrome: '131',
  edge: '131',
  firefox: '133',
  safari: '26',
} as const

/** As Vite and Oxc want it. On iOS all browsers are Safari. */
export const BUILD_TARGET: string[] = [
  ...Object.entries(OLDEST).map(([browser, version]) => `${browser}${version}`),
  `ios${OLDEST.safari}`,
]
