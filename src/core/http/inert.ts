/**
 * What makes an answer inert in a browser: whoever may push decides its bytes, and they come from the origin of the
 * page. So nothing in them is ever taken for a script, a style or a page, wherever they are opened or embedded.
 */
import type { RegistryResponse } from './message.ts'

export const INERT = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const

export const inert = <Response extends Pick<RegistryResponse, 'headers'>>(response: Response): Response => ({
  ...response,
  headers: { ...INERT, ...response.headers },
})

/** What a page may use an answer for, in the words of `Sec-Fetch-Dest`: data, a download, what is only seen or heard. */
const USES = new Set(['', 'empty', 'document', 'image', 'audio', 'video'])

/** Whether an answer would run, or stand in for a part of a page. */
export const wouldRun = (destination: string | undefined): boolean =>
  destination !== undefined && !USES.has(destination)
