/** Makes untrusted texts safe to show: control, invisible and bidirectional characters are escaped. */

/** Control characters, line separators, invisible characters, and those that change the direction of text. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu

const escaped = (letter: string): string => `\\u{${letter.codePointAt(0)!.toString(16)}}`

/** For a single line. */
export const visibleText = (text: string): string => text.replace(UNSEEN, escaped)

/** Keeps line breaks and tabs. */
export const visibleLines = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(UNSEEN, (letter) => (letter === '\n' || letter === '\t' ? letter : escaped(letter)))
