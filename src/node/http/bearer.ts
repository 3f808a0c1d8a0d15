/** Bearer tokens (RFC 6750). */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether an `Authorization` header carries the token; how long it takes says nothing of it. */
export function createBearerCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = hashOf(token)
  return (authorization = '') => {
    const given = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1]
    return given !== undefined && timingSafeEqual(hashOf(given), expected)
  }
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()
