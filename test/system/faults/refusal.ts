/** What a client is told when the registry's storage fails. */

import { expect } from 'vitest'
import { Refusal } from './client.ts'

export const STATUS_OF = { EIO: 500, ENOSPC: 507 } as const

/** @param error - what the client ran into */
export const expectStorageRefusal = (error: unknown, status: 500 | 507): void => {
  expect(error).toBeInstanceOf(Refusal)
  const refusal = error as Refusal
  expect(refusal.status, refusal.message).toBe(status)
  const message = status === 507 ? 'storage is full' : 'storage failed'
  expect(JSON.parse(refusal.body)).toEqual({ errors: [{ code: 'UNKNOWN', message }] })
}

/** What a request was refused with; `undefined` where it was not. */
export const refusalOf = (request: Promise<unknown>): Promise<unknown> =>
  request.then(
    () => undefined,
    (error) => error,
  )
