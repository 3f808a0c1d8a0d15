/** Percent-encoding (RFC 3986, section 2.1): what a path is made of on the wire. */

/** Decoded once. What does not stand for UTF-8 text stays as it is, with its `%`, which no name, digest or tag may have. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
