/** A client of a registry in the same process. */
import { type Client, createClient } from '../../../../src/core/client/client.ts'
import { createFetch } from '../../../../src/core/http/fetch.ts'
import { type InMemoryRegistry, ORIGIN } from '../../../support/in-memory-registry.ts'

export const clientOf = ({ registry }: InMemoryRegistry): Client =>
  createClient({ fetch: createFetch(registry), base: ORIGIN })

/** The text of a blob or a manifest, and its type. */
export async function textOf(response: Response): Promise<string> {
  if (response.ok) return response.text()
  throw new Error(`${response.status}: ${await response.text()}`)
}
