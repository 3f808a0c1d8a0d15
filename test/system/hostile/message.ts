/** Requests as text, for the tables in which the text itself is bad. */
import type { BytesRow } from './row.ts'
import { REPOSITORY } from './stored.ts'

export const HOST = 'Host: localhost:5000'
export const UPLOADS = `/v2/${REPOSITORY}/blobs/uploads/`

/** Its body is read before anything is answered. */
export const PUT_MANIFEST = `PUT /v2/${REPOSITORY}/manifests/framing HTTP/1.1`

/** The lines of a head with a body behind. */
export const message = (lines: readonly string[], body = ''): string => `${lines.join('\r\n')}\r\n\r\n${body}`

export const get = (...lines: string[]): string =>
  message(['GET /v2/ HTTP/1.1', HOST, 'Connection: close', ...lines])

export const post = (lines: readonly string[], body = ''): string =>
  message([`POST ${UPLOADS} HTTP/1.1`, HOST, 'Connection: close', ...lines], body)

export const SMUGGLED = 'DELETE /v2/smuggled HTTP/1.1\r\nHost: localhost:5000\r\n\r\n'

export const refused = (title: string, ...bytes: string[]): BytesRow => ({ title, bytes, statuses: [400] })
