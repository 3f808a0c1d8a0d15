import { expect, it } from 'vitest'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { createPreviews } from '../../../../src/core/swarm/previews.ts'
import { digestOf } from '../../../support/push.ts'

const { signal } = new AbortController()

const wanted = (number: number) => ({
  repository: 'a',
  digest: digestOf(String(number)) as Digest,
  what: 'blob' as const,
})

it('lets so many wait, refuses the next, and goes on when they have ended', async () => {
  const answer = Promise.withResolvers<undefined>()
  const { read: look } = createPreviews({ read: () => answer.promise, readFrom: async () => undefined })
  const waiting = Array.from({ length: 256 }, (_, number) => look(wanted(number), signal))
  await expect(look(wanted(256), signal)).rejects.toMatchObject({ code: 'TOOMANYREQUESTS' })
  answer.resolve(undefined)
  expect(await Promise.all(waiting)).toEqual(Array(256).fill(undefined))
  expect(await look(wanted(256), signal)).toBeUndefined()
})
