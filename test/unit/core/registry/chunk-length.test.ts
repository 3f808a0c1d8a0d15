/** Apart from the other chunks because a page may not set this header. */
import { expect, it } from 'vitest'
import { expectAnswer } from '../../../support/calls.ts'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { startUpload } from '../../../support/push.ts'

it('a chunk of another length than it says is refused before any byte of it by its Content-Length', async () => {
  await using registry = await openInMemoryRegistry()
  const location = await startUpload(registry, 'a')
  const headers = { 'Content-Range': '0-9', 'Content-Length': '5' }
  const response = await registry.fetch('PATCH', location, { headers, body: 'hello' })
  await expectAnswer(response, { status: 400, error: 'SIZE_INVALID' })
  expect((await registry.fetch('GET', location)).headers.get('range')).toBe('0-0')
})
