/** The few forms of Markdown that the generated pages are made of. */

/** The first line of every page, so that nobody edits it by hand. */
export const GENERATED = '<!-- Written by `npm run docs`. Edit the sources instead. -->'

export const code = (text: string): string => `\`${text}\``

/** `rows` in the order of `head`. Bars in cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Blocks with a blank line between them, without those that are `undefined`. */
export const page = (blocks: readonly (string | undefined)[]): string =>
  `${blocks.filter((block) => block !== undefined).join('\n\n')}\n`
