/** By how much something grew, with its sign. */
import { sizeText } from '../parts/sizes.ts'

export const growthText = (bytes: number): string =>
  bytes === 0 ? 'the same' : `${bytes > 0 ? '+' : '−'}${sizeText(Math.abs(bytes))}`
