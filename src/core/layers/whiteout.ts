/**
 * How a layer says that something below it is gone.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 */

/** In a folder: of what layers below have in it, nothing is left. */
export const OPAQUE = '.wh..wh..opq'

const PREFIX = '.wh.'

/** The name that a whiteout removes; `undefined` where `name` is none. What AUFS kept for itself removes nothing. */
export const removedBy = (name: string): string | undefined =>
  name.startsWith(PREFIX) && !name.startsWith('.wh..wh.') ? name.slice(PREFIX.length) || undefined : undefined
