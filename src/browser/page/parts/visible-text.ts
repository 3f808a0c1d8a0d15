/** Texts of strangers, as they may stand on the page: what commands, hides, or turns around shows itself. */

/** Control characters, ends of lines, what is invisible, and what turns the direction of text around. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu

const escaped = (letter: string): string => `\\u{${letter.codePointAt(0)!.toString(16)}}`

/** In one line. */
export const visibleText = (text: string): string => text.replace(UNSEEN, escaped)

/** With its lines and tabs. */
export const visibleLines = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(UNSEEN, (letter) => (letter === '\n' || letter === '\t' ? letter : escaped(letter)))
