/** Whether bytes are a text, and which. */

/** Letters that stand in no text, of which few are let through for old formats. */
const CONTROL = /(?![\t\n\v\f\r])\p{Cc}|\ufffd/gu

/** `undefined` where they are none. A letter may be cut in the end. */
export function textIn(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes, { stream: true })
  const wrong = text.match(CONTROL)?.length ?? 0
  return text.includes('\0') || wrong * 20 > text.length ? undefined : text
}
