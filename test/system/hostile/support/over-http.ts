/** A registry in a separate process, for the helpers that push. */
import type { Asked } from '../../../support/push.ts'

export const overHttp = (url: string): Asked => ({
  fetch: (method, path, { headers, body } = {}) =>
    fetch(url + path, {
      method,
      ...(headers && { headers }),
      ...(body && { body: body as string | Uint8Array<ArrayBuffer> }),
    }),
})
