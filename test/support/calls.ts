/**
 * Behaviour as tables: each row is a request to a fresh registry, and what must come back. A row says only what it
 * is about.
 */
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/core/oci/error.ts'
import {
  type Asking,
  type InMemoryRegistry,
  openInMemoryRegistry,
  type Settings,
} from './in-memory-registry.ts'

export interface Call extends Asking {
  /** What happened before. */
  readonly given?: (registry: InMemoryRegistry) => Promise<unknown>
  /** `METHOD path` */
  readonly call: string
  readonly status: number
  /** Code of the first error in the envelope. */
  readonly error?: ErrorCode
  /** Detail of the first error. */
  readonly detail?: unknown
  /** Headers of the response; `null` for one that must not be there. */
  readonly answers?: Readonly<Record<string, string | RegExp | null>>
  /** The body, as text or as JSON. */
  readonly text?: string
  readonly json?: unknown
}

export function describeCalls(
  title: string,
  calls: Readonly<Record<string, Call>>,
  settings?: Settings,
): void {
  describe(title, () => {
    it.each(Object.entries(calls))('%s', async (_, call) => {
      await using registry = await openInMemoryRegistry(settings)
      await call.given?.(registry)
      const [method, path] = call.call.split(' ') as [string, string]
      const response = await registry.fetch(method, path, call)
      await expectAnswer(response, call)
    })
  })
}

export async function expectAnswer(response: Response, call: Omit<Call, 'call' | 'given'>): Promise<void> {
  const text = await response.text()
  expect(response.status, text).toBe(call.status)
  expectHeaders(response, call.answers ?? {})
  if (call.text !== undefined) expect(text).toBe(call.text)
  if (call.json !== undefined) expect(JSON.parse(text)).toEqual(call.json)
  if (call.error !== undefined) expectError(text, call.error, call.detail)
}

function expectHeaders({ headers }: Response, expected: NonNullable<Call['answers']>): void {
  for (const [name, value] of Object.entries(expected)) {
    if (value instanceof RegExp) expect(headers.get(name), name).toMatch(value)
    else expect(headers.get(name), name).toBe(value)
  }
}

function expectError(text: string, code: ErrorCode, detail: unknown): void {
  const [first] = JSON.parse(text).errors
  expect(first).toEqual(expect.objectContaining({ code, message: expect.any(String) }))
  if (detail !== undefined) expect(first.detail).toEqual(detail)
}
