/** JSON from strangers, whose text may be small and yet fill the memory once it is parsed. */

/**
 * More lists and objects than a manifest can hold that makes sense: at a hundred bytes apiece, 4 MiB are 40,000
 * descriptors, each with a platform and annotations. A text of brackets alone would make millions of them, take
 * seconds and hundreds of megabytes.
 */
const MAX_CONTAINERS = 200_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACKET = 0x5b
const BRACE = 0x7b

/** @throws Error where the bytes are no UTF-8, no JSON, or hold too many lists and objects */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_CONTAINERS && hasTooManyContainers(bytes))
    throw new Error('too many lists and objects')
  return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
}

function hasTooManyContainers(bytes: Uint8Array): boolean {
  let containers = 0
  let isInText = false
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position]
    if (byte === QUOTE) isInText = !isInText
    else if (isInText && byte === BACKSLASH) position++
    else if (!isInText && (byte === BRACKET || byte === BRACE)) containers++
    if (containers > MAX_CONTAINERS) return true
  }
  return false
}
