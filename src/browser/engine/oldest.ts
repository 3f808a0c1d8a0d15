/**
 * The oldest browsers that the page and its service worker run in: those of the last two years. The build translates the
 * code for them, a test compares what is built with what they have, and `missing.ts` checks the one who came.
 */

/**
 * The versions of November 2024, of Safari the update to them: 18.4 is where whatever has 18.1 ends up. Raise them together
 * once a year.
 */
export const OLDEST = {
  chrome: '131',
  edge: '131',
  firefox: '133',
  safari: '18.4',
} as const

/** As Vite and Oxc want it. On iOS all browsers are Safari. */
export const BUILD_TARGET: string[] = [
  ...Object.entries(OLDEST).map(([browser, version]) => `${browser}${version}`),
  `ios${OLDEST.safari}`,
]
