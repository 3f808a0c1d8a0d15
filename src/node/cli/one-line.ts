/** Texts of strangers, such as the words of a registry, as they may stand in a terminal. */

/** Characters that a person reads at all. */
const LONGEST = 1000

/** Neither breaks the line nor commands the terminal. */
/** Control characters, ends of lines, and what turns the direction of text around. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu

/** Neither breaks the line nor commands the terminal. */
export function oneLine(text: string): string {
  const printable = text.replace(UNPRINTABLE, ' ').trim()
  return printable.length <= LONGEST ? printable : `${printable.slice(0, LONGEST)}…`
}
