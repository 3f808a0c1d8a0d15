/** Whatever else hangs on a manifest, only tars have files. */
export const isTar = (mediaType: string): boolean => /\btar\b/.test(mediaType)
